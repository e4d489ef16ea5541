"""Where the bot's name is put, and where it is not."""

import msgspec

from botkube.model.message import (
    BOT_NAME,
    Body,
    BulletList,
    Button,
    ContextItem,
    LabelInput,
    Message,
    MultiSelect,
    OptionGroup,
    OptionItem,
    Section,
    Select,
    Selects,
    TextField,
    encode_message,
    replace_bot_name,
)

N = BOT_NAME
OPTION = OptionItem(name=N, value=N)
BODY = Body(code_block=N, plaintext=N)
INPUT = LabelInput(command=N, text=N, placeholder=N)
FULL = Message(
    base_body=BODY,
    plaintext_inputs=(INPUT,),
    user_handle=N,
    sections=(
        Section(
            header=N,
            description=N,
            body=BODY,
            buttons=(Button(description=N, name=N, command=N, url=N),),
            multi_select=MultiSelect(
                name=N, description=BODY, command=N, options=(OPTION,), initial_options=(OPTION,)
            ),
            selects=Selects(
                id=N,
                items=(
                    Select(
                        name=N,
                        command=N,
                        option_groups=(OptionGroup(name=N, options=(OPTION,)),),
                        initial_option=OPTION,
                    ),
                    Select(),
                ),
            ),
            plaintext_inputs=(INPUT,),
            text_fields=(TextField(key=N, value=N),),
            bullet_lists=(BulletList(title=N, items=(N,)),),
            context=(ContextItem(text=N),),
        ),
    ),
)


def test_only_these_places_keep_the_placeholder() -> None:
    tree = msgspec.json.decode(encode_message(replace_bot_name(FULL, "@bot")))
    assert sorted(_paths(tree, "")) == [
        "/sections/0/bulletLists/0/items/0",
        "/sections/0/bulletLists/0/title",
        "/sections/0/buttons/0/url",
        "/sections/0/header",
        "/sections/0/selects/id",
        "/userHandle",
    ]


def test_the_given_message_is_not_changed() -> None:
    before = encode_message(FULL)
    changed = replace_bot_name(FULL, "@bot")
    assert encode_message(FULL) == before
    assert changed.sections[0].buttons[0].command == "@bot"
    assert changed.sections[0].selects.items[1] == Select()


def test_at_most_a_hundred_are_replaced_in_one_text() -> None:
    message = Message(base_body=Body(plaintext=N * 101))
    assert replace_bot_name(message, "@b").base_body.plaintext == "@b" * 100 + N


def _paths(value: object, path: str) -> list[str]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _paths(item, f"{path}/{key}")]
    if isinstance(value, list):
        return [found for n, item in enumerate(value) for found in _paths(item, f"{path}/{n}")]
    return [path] if value == N else []
