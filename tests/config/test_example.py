"""The example file is one that works: every setting in it is known, and a company can start with it."""

from pathlib import Path

from domain.config.apply import apply_config
from domain.config.difference import plan_config
from domain.config.export import export_config
from domain.config.schema import Config, names_to_look_up, parse_config
from tests.world import World

EXAMPLE = Path(__file__).parents[2] / "tandem.example.toml"


def test_the_example_can_be_applied_as_it_is(world: World) -> None:
    config = parse_config(EXAMPLE.read_text(encoding="utf-8"))
    names = {
        name: f"C-{number}" if name.startswith("#") else f"U-{number}"
        for number, name in enumerate(sorted(names_to_look_up(config)))
    }
    world.run(
        apply_config, world.workspace_id, config, by=None, at=world.now, names=names, seal=lambda secret: secret[::-1]
    )
    again = world.run(plan_config, world.workspace_id, config, at=world.now, names=names)
    assert again.changes == ()
    exported = parse_config(world.run(export_config, world.workspace_id))
    assert world.run(plan_config, world.workspace_id, exported, at=world.now).changes == ()


def test_the_example_shows_every_setting_but_the_rare_ones() -> None:
    config = parse_config(EXAMPLE.read_text(encoding="utf-8"))
    unshown = {
        f"{section}.{name}"
        for section in ("teams", "policies", "audiences", "sources", "routes")
        for name in type(getattr(config, section)[0]).model_fields
        if all(getattr(item, name) is None for item in getattr(config, section))
    }
    removed = {"policies.removed", "audiences.removed", "sources.removed", "teams.archived"}
    assert unshown == removed | {"audiences.team", "audiences.paused", "sources.team", "sources.paused"}
    assert all(getattr(config, name) is not None for name in Config.model_fields)
