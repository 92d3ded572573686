import json
import pytest
from tests.cogs.interaction.test_who_may_what import *
from tests.cogs.interaction import test_who_may_what as w

@on_sqlite
@in_a_forum
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("heard")
async def test_gen(world, table):
    path, acts, columns = TABLES[table]
    known = {a for a, _, _ in read_table(path)}
    new = [a for a in acts if a not in known]
    found = {}
    for who in PEOPLE:
        await world.belongs_to(world.people[who])
        for column in columns:
            place = world.places.get(column, world.open)
            for act in new:
                try:
                    r = await tried(acts[act], Cell(world, world.people[who], place))
                except BaseException as e:
                    r = "ERR " + repr(e)[:300]
                found[act, who, column] = r
    json.dump([[*k, v] for k, v in found.items()], open(f"/tmp/g/{table}.json", "w"))
