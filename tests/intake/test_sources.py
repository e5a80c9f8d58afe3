"""Sources and the secrets they prove themselves with."""

import base64

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.seal import BadKey, CannotUnseal, Sealer
from domain.errors import FieldProblems, NotFound
from domain.sources import add_source, new_secret, pause_source, rotate_source
from storage.models import AuditEvent, Source
from tests.refused import refused
from tests.world import World

OLD, NEW = "the old key of thirty-two characters or more", "the new key of thirty-two characters or more"


def seal(text: str) -> str:
    return f"sealed {text[::-1]}"


def test_the_secret_is_returned_once_and_kept_sealed(world: World) -> None:
    secret = world.run(add_source, world.workspace_id, "website", seal=seal, by=world.member("mia"), at=world.now)
    row = world.run(lambda session: session.scalars(select(Source)).one())
    assert secret.startswith("whsec_")
    assert row.sealed_secret == seal(secret)
    said = world.run(lambda session: str([event.data for event in session.scalars(select(AuditEvent))]))
    assert secret not in said


def test_secrets_are_long_and_differ() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(base64.b64decode(secret.removeprefix("whsec_"))) >= 24 for secret in secrets)


@pytest.mark.parametrize("name", ["", "Website", "a b", "-a", "a/b", "x" * 41, "é"])
def test_a_name_that_would_not_do_in_an_address_is_refused(world: World, name: str) -> None:
    with pytest.raises(FieldProblems) as wrong:
        world.run(add_source, world.workspace_id, name, seal=seal, at=world.now)
    assert list(wrong.value.problems) == ["name"]


def test_a_name_is_taken_once_for_all_workspaces(world: World) -> None:
    world.run(add_source, world.workspace_id, "website", seal=seal, at=world.now)
    with refused(FieldProblems, "already"):
        world.run(add_source, world.workspace_id, "website", seal=seal, at=world.now)


@pytest.mark.parametrize(
    ("auth", "secret"),
    [
        ("standard_webhooks", "whsec_short"),
        ("standard_webhooks", "whsec_" + base64.b64encode(b"x" * 23).decode()),
        ("standard_webhooks", base64.b64encode(b"x" * 32).decode()),
        ("header", "too short"),
        ("header", "with a space in the middle of it all"),
        ("basic", None),
    ],
)
def test_a_weak_secret_or_an_unknown_way_to_prove_oneself_is_refused(
    world: World, auth: str, secret: str | None
) -> None:
    with pytest.raises(FieldProblems):
        world.run(add_source, world.workspace_id, "website", auth=auth, secret=secret, seal=seal, at=world.now)


def test_sources_of_other_workspaces_do_not_exist(world: World) -> None:
    world.run(add_source, world.workspace_id, "website", seal=seal, at=world.now)
    with pytest.raises(NotFound):
        world.run(rotate_source, world.workspace_id + 1, "website", seal=seal, at=world.now)
    with pytest.raises(NotFound):
        world.run(pause_source, world.workspace_id + 1, "website", paused=True, at=world.now)


def test_what_is_sealed_can_be_read_with_the_same_key_only() -> None:
    sealed = Sealer(OLD).seal("whsec_secret")
    assert "secret" not in sealed
    assert Sealer(OLD).unseal(sealed) == "whsec_secret"
    with pytest.raises(CannotUnseal):
        Sealer(NEW).unseal(sealed)


@pytest.mark.parametrize("sealed", ["", "junk", "é" * 40, "gAAAAA" * 20])
def test_junk_cannot_be_unsealed(sealed: str) -> None:
    with pytest.raises(CannotUnseal):
        Sealer(OLD).unseal(sealed)


def test_a_new_key_before_the_old_one_reads_both_and_seals_with_the_new() -> None:
    sealed = Sealer(OLD).seal("token")
    both = Sealer(f"{NEW},{OLD}")
    assert both.unseal(sealed) == "token"
    assert Sealer(NEW).unseal(both.reseal(sealed)) == "token"


@pytest.mark.parametrize("key", ["", "  ", " , ", "short", "x" * 31])
def test_a_key_that_is_missing_or_short_says_how_to_get_one(key: str) -> None:
    with pytest.raises(BadKey, match=r"TANDEM_SECRET_KEY .*secrets"):
        Sealer(key)


def test_a_sentence_with_a_comma_is_one_key() -> None:
    sentence = "correct horse battery staple, as they say"
    assert Sealer(sentence).unseal(Sealer(sentence).seal("token")) == "token"
    with pytest.raises(CannotUnseal):
        Sealer("correct horse battery staple. as they say").unseal(Sealer(sentence).seal("token"))


def test_without_a_key_the_program_runs_until_one_is_needed() -> None:
    keyless = Sealer.from_settings(None)
    with pytest.raises(BadKey, match="TANDEM_SECRET_KEY is not set"):
        keyless.seal("token")
    with pytest.raises(BadKey, match="TANDEM_SECRET_KEY is not set"):
        keyless.unseal("token")
    assert Sealer.from_settings(SecretStr("x" * 32)).unseal(Sealer("x" * 32).seal("token")) == "token"
