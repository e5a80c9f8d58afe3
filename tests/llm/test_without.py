"""Without a key nothing is asked, nothing is loaded, and everything works as before."""

from __future__ import annotations

import subprocess
import sys

from pydantic import SecretStr

from bot.llm import chosen_llm, make_llm
from bot.loops.labels import Labels
from bot.metrics import Metrics
from bot.settings import Settings
from domain.llm.budget import LlmUse
from domain.wall import WallClock
from handlers.jobs import RunningJob, Tools
from handlers.proposals.jobs import Labelling, label, record
from handlers.setup.model import model_finding, model_row
from tests.llm.office import Office


def test_without_a_key_there_is_no_model() -> None:
    assert make_llm(Settings(), Metrics(), WallClock()) is None
    assert chosen_llm(Settings(openai_api_key=SecretStr("sk-1"), tandem_llm_tokens_per_month=0)) is None


def test_a_key_alone_means_openai_and_an_address_means_that_server() -> None:
    key = SecretStr("sk-1")
    chosen = chosen_llm(Settings(openai_api_key=key))
    assert chosen is not None
    assert (chosen.model, chosen.host, chosen.monthly_tokens) == ("gpt-5-mini", "api.openai.com", 2_000_000)
    local = chosen_llm(Settings(openai_api_key=key, openai_base_url="http://localhost:11434/v1", openai_model="q"))
    assert local is not None
    assert (local.model, local.host) == ("q", "localhost")


def test_a_program_loads_the_sdk_only_when_it_asks() -> None:
    program = "import sys, bot.program, bot.commands.doctor; print('openai' in sys.modules, 'httpx2' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]


def test_without_a_model_the_doctor_finds_nothing_to_mend() -> None:
    finding = model_finding(LlmUse(), None)
    assert finding.well
    assert "OPENAI_API_KEY" in finding.found
    assert "button" not in str(model_row(LlmUse(), None))


async def test_a_process_without_a_model_does_the_job_of_another_and_leaves_its_items(office: Office) -> None:
    office.log("they find it far too dear")
    await Labels(office.tandem).look()
    job = RunningJob(1, office.world.workspace_id, Labelling(), "token", None, office.clock.now())
    tools = Tools(office.tandem, None, office.http, {})  # type: ignore[arg-type]  # Slack is not asked
    result = await label(job, tools)
    office.world.run(record, job, result, office.clock.now())
    assert (office.proposals(), office.server.asked) == ({}, [])
