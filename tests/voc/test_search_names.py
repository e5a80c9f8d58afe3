"""Whom and what a search names, as sentences name them."""

from domain.voc.query import Unknown
from tests.voc.test_search import ids, log, search
from tests.world import World


def test_a_name_in_the_genitive_is_that_name(world: World) -> None:
    item = log(world, "their CFO finds it dear #pricing @Globex vs Rivalsoft")
    names = ["@Globex's CFO", "@Globex’s", "what is dear in #pricing's case?", "!Rivalsoft's price", "by:@ana's dear"]
    assert {typed: ids(world, typed) for typed in names} == {typed: [item] for typed in names}
    own = log(world, 'they like burgers @"McDonald\'s" !"Wendy\'s"')
    assert ids(world, "@McDonald's burgers") == ids(world, "!Wendy's burgers") == ids(world, '!"Wendy\'s"') == [own]
    assert search(world, "@Nobody's").query.unknown == (Unknown("account", "Nobody"),)


def test_an_account_of_several_words_is_found_without_quotes(world: World) -> None:
    item = log(world, 'too slow @"Globex Nordics AB"')
    log(world, "too slow @Globex")
    assert ids(world, "@Globex Nordics AB slow") == [item]
