from botkube.model.ids import new_id


def test_ids_are_unique_and_sort_by_time() -> None:
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert made[0] < made[-1]
    assert {len(one) for one in made} == {26}
