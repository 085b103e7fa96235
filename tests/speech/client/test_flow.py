from __future__ import annotations

import json

import pytest
from livekit.agents import APIConnectionError, function_tool, llm
from livekit.agents.types import APIConnectOptions

from agents.speech.client.client import SpeechClient
from agents.speech.client.flow import FlowLLM
from agents.speech.intents.intents import IntentSet, parse_intents
from dialplans.contracts.speech_wire import Understood


class Scripted(SpeechClient):
    """A client whose understanding is written down: sentence → (intent, score)."""

    def __init__(self, answers: dict[str, tuple[str, float]]) -> None:
        super().__init__("/nonexistent")
        self.answers = answers
        self.asked: list[str] = []

    async def understand(  # type: ignore[override]
        self, text: str, intents: IntentSet, language: str = "en", *, among: list[str]
    ) -> Understood:
        self.asked.append(text)
        intent, score = self.answers.get(text, ("", 0.1))
        known = intent in among and score >= 0.5
        return Understood(intent=intent if known else None, score=score, best=intent)


def tools(*names: str) -> list[llm.Tool]:
    async def nothing() -> None:
        """Does nothing."""

    return [function_tool(nothing, name=name, description=name) for name in names]


INTENTS = parse_intents(
    """
    intents:
      billing: {tool: transfer_to_billing, examples: {en: [billing]}}
      trouble: {tool: troubleshoot, arguments: {problem: router}, examples: {en: [broken]}}
      message: {tool: take_message, examples: {en: [message]}}
      message_text: {slot: text, after: [take_message], tool: save_message, argument: text}
    """
)


async def reply(
    client: SpeechClient,
    *said: tuple[str, str] | llm.ChatItem,
    with_tools: list[str],
    intents: IntentSet = INTENTS,
    asking: str = "",
) -> llm.ChoiceDelta:
    context = llm.ChatContext()
    for item in said:
        if isinstance(item, tuple):
            context.add_message(role=item[0], content=item[1])  # type: ignore[arg-type]
        else:
            context.items.append(item)  # insert() would sort by time of making
    flow = FlowLLM(client, intents, asking=lambda: asking)
    stream = flow.chat(
        chat_ctx=context,
        tools=tools(*with_tools),
        conn_options=APIConnectOptions(max_retry=0),
    )
    async with stream:
        chunks = [chunk async for chunk in stream]
    assert chunks[0].delta is not None
    return chunks[0].delta


def called(delta: llm.ChoiceDelta) -> tuple[str, dict[str, object]]:
    return delta.tool_calls[0].name, json.loads(delta.tool_calls[0].arguments)


async def test_an_intent_becomes_its_tool_with_its_arguments() -> None:
    """The sentence means `trouble`, and the persona can troubleshoot."""
    client = Scripted({"the box is dead": ("trouble", 0.9)})

    delta = await reply(client, ("user", "the box is dead"), with_tools=["troubleshoot"])

    assert called(delta) == ("troubleshoot", {"problem": "router"})


async def test_what_a_persona_cannot_do_is_not_understood() -> None:
    """No such tool, no such intent: the persona is told what was heard instead."""
    client = Scripted({"billing please": ("billing", 0.9)})

    delta = await reply(client, ("user", "billing please"), with_tools=["not_understood"])

    assert called(delta) == ("not_understood", {"heard": "billing please"})


async def test_without_a_tool_for_misses_it_says_so() -> None:
    """A persona that does not count misses still never falls silent."""
    delta = await reply(Scripted({}), ("user", "blah"), with_tools=[])

    assert "didn't understand" in (delta.content or "")


async def test_a_result_of_a_tool_is_said_as_it_is() -> None:
    """Our tools return sentences."""
    call = llm.FunctionCall(call_id="1", name="balance", arguments="{}")
    output = llm.FunctionCallOutput(
        call_id="1", name="balance", output="You owe nothing.", is_error=False
    )

    delta = await reply(Scripted({}), ("user", "balance"), call, output, with_tools=[])

    assert delta.content == "You owe nothing."


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("My customer number is 100 245.", "100245"),
        ("four seven double one", "4711"),
        ("It's 4-7-1-1.", "4711"),
        ("um yes it's one oh two", "102"),
    ],
)
async def test_a_number_fills_the_slot(said: str, digits: str) -> None:
    """Digits said or written, whatever is said around them."""
    delta = await reply(Scripted({}), ("user", said), with_tools=["enter_digits"])

    assert called(delta) == ("enter_digits", {"digits": digits})


@pytest.mark.parametrize(
    "said", ["you charged me 120 euros", "I called 3 times in 2025 about this line", "one moment"]
)
async def test_an_amount_or_a_year_is_no_number_given(said: str) -> None:
    """Amounts, times and counts belong to a sentence with a meaning of its own."""
    client = Scripted({said: ("billing", 0.9)})

    delta = await reply(client, ("user", said), with_tools=["enter_digits", "transfer_to_billing"])

    assert called(delta)[0] == "transfer_to_billing"


async def test_a_dictated_message_is_taken_down_whatever_it_says() -> None:
    """After take_message the next sentence is the message, even if it sounds like billing."""
    client = Scripted({"tell Ann that my bill is wrong": ("billing", 0.9)})
    asked = llm.FunctionCall(call_id="1", name="take_message", arguments="{}")

    delta = await reply(
        client,
        asked,
        ("assistant", "Please say your message."),
        ("user", "tell Ann that my bill is wrong"),
        with_tools=["save_message", "transfer_to_billing", "person"],
    )

    assert called(delta) == ("save_message", {"text": "tell Ann that my bill is wrong"})


async def test_a_person_is_reached_even_while_a_message_is_dictated() -> None:
    """A short sentence that is nearly an example of a strong intent gets through."""
    client = Scripted({"no, a person please": ("person", 1.1)})
    asked = llm.FunctionCall(call_id="1", name="take_message", arguments="{}")

    delta = await reply(
        client, asked, ("user", "no, a person please"), with_tools=["save_message", "person"]
    )

    assert called(delta) == ("person", {})


async def test_repeat_says_the_last_sentence_again() -> None:
    """Word for word what the caller was told last."""
    client = Scripted({"pardon": ("repeat", 0.9)})

    delta = await reply(
        client, ("assistant", "Your ticket is 4711."), ("user", "pardon"), with_tools=[]
    )

    assert delta.content == "Your ticket is 4711."


async def test_a_sentence_cut_in_two_is_understood_as_one() -> None:
    """Two turns without an answer in between belong together."""
    client = Scripted({"I want to talk to billing": ("billing", 0.9)})

    delta = await reply(
        client,
        ("user", "I want to talk"),
        ("user", "to billing"),
        with_tools=["transfer_to_billing"],
    )

    assert called(delta)[0] == "transfer_to_billing"


ANSWERING = parse_intents(
    """
    intents:
      trouble: {tool: troubleshoot, arguments: {problem: router}, examples: {en: [broken]}}
      engineer: {tool: open_ticket, interrupts: true, examples: {en: [send somebody]}}
    """
)
GREEN, MORE = "Is the top light green? Say yes or no.", "You owe nothing. Is there anything else?"


@pytest.mark.parametrize(
    ("asked", "said", "tool", "arguments"),
    [
        (GREEN, "Yes it is green", "answer", {"yes": True}),
        (GREEN, "no, it's red", "answer", {"yes": False}),
        (GREEN, "yes but can I speak to a person", "person", {}),
        (GREEN, "no, just send somebody", "open_ticket", {}),
        (GREEN, "I have no idea", "unsure", {}),
        (MORE, "no thank you", "goodbye", {}),
        (MORE, "yes please", "answer", {"yes": True}),
        ("What would you like?", "the box is broken", "troubleshoot", {"problem": "router"}),
    ],
)
async def test_a_sentence_answers_the_question_that_was_asked(
    asked: str, said: str, tool: str, arguments: dict[str, object]
) -> None:
    """Whatever else it is like; what it wants besides goes first. Who says no to "anything else?"
    is done."""
    client = Scripted(
        {
            "Yes it is green": ("trouble", 0.9),
            "no, it's red": ("trouble", 0.9),
            "but can i speak to a person": ("person", 1.2),
            "just send somebody": ("engineer", 1.1),
            "the box is broken": ("trouble", 0.9),
        }
    )
    tools_it_has = ["answer", "unsure", "person", "goodbye", "open_ticket", "troubleshoot"]
    delta = await reply(
        client,
        ("assistant", asked),
        ("user", said),
        with_tools=tools_it_has,
        intents=ANSWERING,
        asking=asked if asked == GREEN else "",
    )

    assert called(delta) == (tool, arguments)


async def test_a_question_of_a_step_stays_open_whatever_was_said_since() -> None:
    """ "Of course, take your time" in between does not make the caller's "yes" mean something
    else."""
    delta = await reply(
        Scripted({}),
        ("assistant", GREEN),
        ("user", "hold on"),
        ("assistant", "Of course, take your time."),
        ("user", "okay yes, I see it"),
        with_tools=["answer"],
        intents=ANSWERING,
        asking=GREEN,
    )

    assert called(delta) == ("answer", {"yes": True})


async def test_instructions_are_never_said() -> None:
    """Neither what a coach tells a language model that then failed, nor the prompt of the persona:
    both are for models, and the caller hears nothing of them."""
    coached = await reply(
        Scripted({}),
        ("system", "You are billing. " * 30),
        ("user", "hm"),
        ("system", "We will refund the fee."),
        with_tools=[],
    )
    alone = await reply(Scripted({}), ("system", "You are billing. " * 30), with_tools=[])

    assert not coached.content
    assert not coached.tool_calls
    assert alone.content == "How can I help you?"


async def test_a_speech_process_that_is_away_is_an_error_the_session_knows() -> None:
    """Nobody there to understand: a retryable connection error, not a wrong answer."""
    client = SpeechClient("/nonexistent/socket", patience_s=0.05)

    with pytest.raises(APIConnectionError):
        await reply(client, ("user", "billing please"), with_tools=["transfer_to_billing"])
