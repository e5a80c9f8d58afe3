"""`tandem doctor` against the playground: all well, and each thing that is not with its remedy."""

from bot.doctor import Finding, examine
from tests.running import Running, running, settings_for


async def findings(tandem: Running) -> dict[str, Finding]:
    url = tandem.program.db.url.render_as_string(hide_password=False)
    return {one.what: one for one in await examine(settings_for(tandem.slack, url))}


async def test_a_healthy_workspace_has_nothing_to_mend(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        found = await findings(tandem)
        assert [one for one in found.values() if not one.well] == []
        assert found["channel of team Sales, digest sales"].found == "#leads"


async def test_a_missing_scope_is_named(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        app = tandem.slack.installation.app
        app.scopes = tuple(scope for scope in app.scopes if scope != "im:write")
        found = await findings(tandem)
        assert found["scopes"].found == "missing: im:write"
        assert "tandem manifest" in found["scopes"].remedy


async def test_an_archived_channel_is_named_with_what_to_do(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        channel = tandem.slack.workspace.channels[tandem.slack.channel("#leads").id]
        channel.is_archived = True
        found = await findings(tandem)
        assert not found["channel of team Sales, digest sales"].well
        assert "setup" in found["channel of team Sales, digest sales"].remedy


async def test_a_revoked_token_says_where_to_get_one(migrated_url: str) -> None:
    async with running(migrated_url) as tandem:
        tandem.slack.installation.app.revoked = True
        found = await findings(tandem)
        assert found["token"].found == "token_revoked"
        assert "api.slack.com" in found["token"].remedy
        tandem.slack.installation.app.revoked = False
        tandem.slack.refusals.clear()
