"""What somebody who offered on record to pay may be told (CN-TP-08): the amount, where to pay, for whom; nothing else.

The words are set, so that nothing else can be among them: a message counts as this one only where it is these very
words, with the account's figures of the moment, to that person, about that account, while the offer holds. It is judged
again when it is released and when it leaves; whatever has changed by then stops it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from compliance.casebook import AccountRow, DebtorRow, mask_name
from compliance.casebook.models import Account, Debtor
from compliance.database import table_of
from compliance.prepared import Answer, Query, Round
from compliance.rights.models import PaymentOffer
from compliance.rights.offers import PAYER

WORDS = (
    "【{creditor}】您好，您此前主动表示愿意代{name}还款，现按您的要求告知：应还金额{amount}元，请只通过{creditor}官方App、"
    "营业网点或官方客服热线告知的对公账户办理，不要转入任何个人账户。是否代还完全由您自愿决定，您没有还款义务。"
)
CHANNELS = ("sms", "im", "email", "letter")
"""Where words are sent as they are written."""
_OFFERS = table_of(PaymentOffer).c
_OFFER = Query(
    select(_OFFERS.id).where(
        _OFFERS.debtor_id == bindparam("debtor"),
        _OFFERS.contact_point_id == bindparam("point"),
        _OFFERS.account_id == bindparam("account"),
        _OFFERS.at <= bindparam("at"),
        _OFFERS.withdrawn_at.is_(None),
    ),
    int,
)


def payer_words(debtor: Debtor | DebtorRow, account: Account | AccountRow) -> str:
    """The words for whoever offered to pay this account. The debtor's name is masked."""
    creditor = account.creditor if isinstance(account.creditor, str) else account.creditor.name
    return WORDS.format(creditor=creditor, name=mask_name(debtor.name), amount=f"{account.total:,.2f}")


def ask_pays(
    questions: Round,
    debtor: Debtor | DebtorRow,
    account: Account | AccountRow | None,
    audience: str,
    point: int | None,
    channel: str,
    text: str,
    at: datetime,
) -> Answer[int] | None:
    """In a round with other questions: has rows where the text is what this person may be told. ``None``: it is not."""
    if audience != PAYER or account is None or point is None or channel not in CHANNELS:
        return None
    if text.strip() != payer_words(debtor, account):
        return None
    return questions.add(_OFFER, {"debtor": debtor.id, "point": point, "account": account.id, "at": at})
