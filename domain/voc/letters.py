"""Letters: one message to one member about what became of the themes that they raised.

What is new for a member follows from what a theme is now and what they were told of it last. So nothing is told twice,
a change of mind in between is told as it ended, and what is taken back after it was told is told, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from domain.merged import leading_to_themes
from domain.pulse import theme_or_none
from domain.voc.spreading import RAISED_DAYS, TellNews, surviving
from domain.voc.worked import best_assets, judged_version
from storage import jobs, outbox
from storage.frozen import Shape
from storage.locking import locked
from storage.models import (
    Account,
    AnswerVerdict,
    Member,
    Theme,
    ThemeLetter,
    ThemeNews,
    ThemeTelling,
    VocItem,
)
from storage.outbox import Priority

LETTER: Final = "theme_letter"
PIECE: Final = 25
"""Members that are written to in one transaction."""

News = Literal["planned", "shipped", "wont_do", "open", "answered", "rewritten"]
TOLD_STATUSES: Final = ("planned", "shipped", "wont_do")
"""What is told by itself; that marketing begins to look at a theme is no news, unless more was told before."""

ABOUT_ANSWER: Final = ("answered", "rewritten")
WITH_ANSWER: Final = ("shipped", "wont_do", *ABOUT_ANSWER)
"""With these the answer is told, whether or not it was told before; with others when it was not."""


@dataclass(frozen=True, slots=True)
class ToldTheme:
    """What a letter tells of one theme. `news`: what is new; `before`: the status that was told before, if any was.

    `note`: why or what. `version`: of what can be judged, None: there is nothing to use. `account`: where the reader
    heard it, with so many more accounts; `by`: who of marketing did it, a name.
    """

    theme_id: int
    slug: str
    news: News
    before: str | None = None
    note: str | None = None
    answer: str | None = None
    audience: str = "internal"
    version: str | None = None
    asset: str | None = None
    asset_url: str | None = None
    account: str | None = None
    more_accounts: int = 0
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """The frozen words of a letter: its themes, those with an open deal of the reader's first."""

    themes: tuple[ToldTheme, ...]


SHAPE: Final[Shape[Letter]] = Shape("theme_letter", Letter)


@dataclass(frozen=True, slots=True)
class Told:
    """What a member was told last of a theme: its status, and the version of its answer.

    `known`: the versions that they were told of it and of themes whose place it took.
    """

    status: str | None = None
    answer: str | None = None
    at: datetime | None = None
    known: frozenset[str] = frozenset()


NOTHING_TOLD: Final = Told()


@dataclass(frozen=True, slots=True)
class HeardAt:
    """Where a member heard a theme: accounts, those of larger open deals first. `deal`: there is an open one."""

    accounts: tuple[str, ...] = ()
    deal: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The members to be written to next, and where each heard which of these `themes`. `more`: others are due, too."""

    members: tuple[int, ...]
    themes: frozenset[int]
    heard: Mapping[tuple[int, int], HeardAt]
    more: bool


def news_for(told: Told, theme: Theme, *, disappointed: bool = False) -> News | None:
    """What is new about the theme for somebody who was told that; None when nothing is.

    A status comes before an answer. A rewritten answer is news only for whom the former one did not help.
    """
    if theme.status in TOLD_STATUSES and theme.status != told.status:
        return "planned" if theme.status == "planned" else "shipped" if theme.status == "shipped" else "wont_do"
    if theme.status not in TOLD_STATUSES and told.status in TOLD_STATUSES:
        return "open"
    if theme.answer is None or judged_version(theme.answer, None) in {told.answer, *told.known}:
        return None
    if told.answer is None:
        return "answered"
    return "rewritten" if disappointed else None


def find_due(session: Session, workspace_id: int, *, at: datetime) -> Due:
    """Whom to write to next: those whose deals are open before others."""
    waiting = (ThemeTelling.workspace_id == workspace_id, ThemeTelling.due_at.is_not(None), ThemeTelling.due_at <= at)
    first = func.max(case((ThemeTelling.with_deal, 1), else_=0)).desc()
    members = session.scalars(
        select(ThemeTelling.member_id)
        .where(*waiting)
        .group_by(ThemeTelling.member_id)
        .order_by(first, ThemeTelling.member_id)
        .limit(PIECE + 1)
    ).all()
    some = members[:PIECE]
    about = session.scalars(select(ThemeTelling.theme_id).where(*waiting, ThemeTelling.member_id.in_(some)).distinct())
    themes = frozenset(theme.id for theme in surviving(session, about.all()).values())
    return Due(tuple(some), themes, _heard(session, some, themes, at), len(members) > PIECE)


def write_letters(session: Session, workspace_id: int, due: Due, *, at: datetime) -> None:
    """Write to these members what is new for each, once. Those who left meanwhile are passed over."""
    rows = session.scalars(
        locked(
            select(ThemeTelling)
            .where(
                ThemeTelling.workspace_id == workspace_id,
                ThemeTelling.member_id.in_(due.members),
                ThemeTelling.due_at <= at,
            )
            .order_by(ThemeTelling.member_id, ThemeTelling.theme_id)
        )
    ).all()
    now = surviving(session, sorted({row.theme_id for row in rows}))
    # Of others, that came due or were merged since, nobody looked where they were heard.
    known = [row for row in rows if row.theme_id in now and now[row.theme_id].id in due.themes]
    if due.more or len(known) < len(rows):
        jobs.enqueue(session, workspace_id, TellNews(), at=at)
    if not known:
        return
    desk = _Desk(session, known, now, due.heard, at)
    members = {one.id: one for one in session.scalars(select(Member).where(Member.id.in_(due.members)))}
    by_member: dict[int, list[ThemeTelling]] = {}
    for row in known:
        row.due_at = None
        by_member.setdefault(row.member_id, []).append(row)
    for member_id in (one for one in due.members if one in by_member):
        member = members[member_id]
        if member.active and member.kind not in ("guest", "stranger"):
            _write(session, member, desk, by_member[member_id], at)
    session.flush()


def _write(session: Session, member: Member, desk: _Desk, rows: Sequence[ThemeTelling], at: datetime) -> None:
    themes = {theme.id: theme for row in rows if (theme := desk.theme_of(row)) is not None}
    told = [entry for theme in themes.values() if (entry := desk.tell(member, theme)) is not None]
    if not told:
        return
    told.sort(key=lambda entry: (not desk.heard_at(member.id, entry.theme_id).deal, entry.slug))
    letter = ThemeLetter(
        workspace_id=member.workspace_id,
        member_id=member.id,
        facts=SHAPE.write(Letter(tuple(told))),
        created_at=at,
    )
    session.add(letter)
    session.flush()
    outbox.put_first_card(
        session, member.workspace_id, LETTER, letter.id, member.slack_user_id, at=at, priority=Priority.CARD
    )


class _Desk:
    """What letters of one transaction are written from, read once for all of them."""

    def __init__(
        self,
        session: Session,
        rows: Sequence[ThemeTelling],
        themes: Mapping[int, Theme],
        heard: Mapping[tuple[int, int], HeardAt],
        at: datetime,
    ) -> None:
        self._session, self._themes, self._heard, self._at = session, themes, heard, at
        members = sorted({row.member_id for row in rows})
        # What changed again is told when marketing is quiet: its next round finds everybody anew.
        about = sorted({*self._themes, *(theme.id for theme in self._themes.values())})
        self._changed = dict(
            session.execute(select(ThemeNews.theme_id, ThemeNews.last_at).where(ThemeNews.theme_id.in_(about))).all()
        )
        self._own = {(row.member_id, row.theme_id): row for row in rows}
        self._told = self._told_before(members)
        self._disappointed = {
            (member_id, version)
            for member_id, version in session.execute(
                select(AnswerVerdict.member_id, AnswerVerdict.version).where(
                    AnswerVerdict.member_id.in_(members),
                    AnswerVerdict.theme_id.in_(leading_to_themes(session, about)),
                    AnswerVerdict.verdict == "no_help",
                )
            )
        }
        self._assets = best_assets(session, {theme.id for theme in self._themes.values()}, at)
        who = {one for theme in self._themes.values() for one in (theme.answered_by_id, theme.status_by_id) if one}
        self._names = dict(session.execute(select(Member.id, Member.name).where(Member.id.in_(who))).all())

    def theme_of(self, row: ThemeTelling) -> Theme | None:
        """The theme that is told of now; None when it has changed since, and is told of later."""
        theme = self._themes.get(row.theme_id)
        if theme is None:
            return None
        changed = (self._changed.get(one, row.noted_at) for one in (theme.id, row.theme_id))
        return None if any(at > row.noted_at for at in changed) else theme

    def heard_at(self, member_id: int, theme_id: int) -> HeardAt:
        return self._heard.get((member_id, theme_id), HeardAt())

    def tell(self, member: Member, theme: Theme) -> ToldTheme | None:
        """What the member reads about the theme, and that it is told from now on; None when nothing is new."""
        told = self._told.get((member.id, theme.id), NOTHING_TOLD)
        heard = self._heard.get((member.id, theme.id))
        if heard is None and told is NOTHING_TOLD:
            return None  # what they said was taken back meanwhile
        disappointed = told.answer is not None and (member.id, told.answer) in self._disappointed
        news = news_for(told, theme, disappointed=disappointed)
        did = theme.answered_by_id if news in ABOUT_ANSWER else theme.status_by_id
        theirs = news is not None and did == member.id
        if theirs:
            # They know: it was them. Somebody else's answer is news all the same.
            other = news not in ABOUT_ANSWER and told.answer is None and theme.answered_by_id != member.id
            news, did = ("answered", theme.answered_by_id) if other and theme.answer is not None else (None, None)
        own = theme.answered_by_id == member.id
        entry = self._entry(theme, news, told, heard or HeardAt(), did, own=own) if news is not None else None
        knows_answer = own or theirs or (entry is not None and entry.answer is not None)
        self._note_told(member, theme, judged_version(theme.answer, None) if knows_answer else told.answer)
        return entry

    def _entry(self, theme: Theme, news: News, told: Told, heard: HeardAt, did: int | None, *, own: bool) -> ToldTheme:
        """`did`: who did it; `own`: the answer is the reader's own, and not told to them."""
        answer = theme.answer if not own and (news in WITH_ANSWER or told.answer is None) else None
        asset = self._assets.get(theme.id) if news in WITH_ANSWER and news != "wont_do" else None
        return ToldTheme(
            theme_id=theme.id,
            slug=theme.slug,
            news=news,
            before=told.status if told.status in TOLD_STATUSES else None,
            note=None if news in ABOUT_ANSWER else theme.status_note,
            answer=answer,
            audience=theme.answer_audience,
            version=judged_version(answer, asset.id if asset is not None else None),
            asset=asset.title if asset is not None else None,
            asset_url=asset.url if asset is not None else None,
            account=heard.accounts[0] if heard.accounts else None,
            more_accounts=max(0, len(heard.accounts) - 1),
            by=self._names.get(did) if did is not None else None,
        )

    def _note_told(self, member: Member, theme: Theme, answer: str | None) -> None:
        """From now on the member knows the theme's status, and this version of its answer."""
        row = self._own.get((member.id, theme.id)) or self._session.get(ThemeTelling, (member.id, theme.id))
        if row is None:
            row = ThemeTelling(member_id=member.id, theme_id=theme.id, workspace_id=theme.workspace_id)
            row.noted_at = self._at
            self._session.add(row)
        row.told_status, row.told_answer, row.told_at = theme.status, answer, self._at

    def _told_before(self, members: Collection[int]) -> dict[tuple[int, int], Told]:
        """What each member was told last of each theme, else of a theme whose place it took."""
        rows = self._session.scalars(
            select(ThemeTelling).where(ThemeTelling.member_id.in_(members), ThemeTelling.told_at.is_not(None))
        ).all()
        now = surviving(self._session, sorted({row.theme_id for row in rows}))
        found: dict[tuple[int, int], Told] = {}
        on = {row.theme_id: now[row.theme_id].id if row.theme_id in now else row.theme_id for row in rows}
        # Last comes the theme's own: whoever was told of both knows what became of the one that stayed.
        for row in sorted(rows, key=lambda one: (on[one.theme_id] == one.theme_id, one.told_at or self._at)):
            earlier = found.get((row.member_id, on[row.theme_id]), NOTHING_TOLD)
            found[row.member_id, on[row.theme_id]] = Told(
                row.told_status or earlier.status,
                row.told_answer or earlier.answer,
                row.told_at,
                earlier.known | ({row.told_answer} if row.told_answer is not None else set()),
            )
        return found


def _heard(
    session: Session, members: Collection[int], themes: Collection[int], at: datetime
) -> dict[tuple[int, int], HeardAt]:
    """Where these members heard these themes, in items that are live and not too old."""
    now = leading_to_themes(session, themes)
    largest = func.max(case((and_(VocItem.deal_minor > 0, VocItem.kind != "lost_reason"), VocItem.deal_minor), else_=0))
    theme = theme_or_none()
    rows = session.execute(
        select(VocItem.member_id, theme, Account.name, largest)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(
            VocItem.member_id.in_(members),
            VocItem.theme_id.in_(now),
            VocItem.state == "live",
            VocItem.created_at > at - timedelta(days=RAISED_DAYS),
        )
        .group_by(VocItem.member_id, theme, Account.id, Account.name)
        .order_by(largest.desc(), func.max(VocItem.created_at).desc(), Account.id)
    )
    found: dict[tuple[int, int], HeardAt] = {}
    for member_id, theme_id, account, deal in rows:
        before = found.get((member_id, now[theme_id]), HeardAt())
        is_more = account is not None and account not in before.accounts
        accounts = (*before.accounts, account) if is_more else before.accounts
        found[member_id, now[theme_id]] = HeardAt(accounts, before.deal or deal > 0)
    return found
