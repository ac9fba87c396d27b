"""Debtors, accounts and contact points; import; what a verdict must know."""

from compliance.casebook.cases import (
    Case,
    cases_of,
    cases_of_debtor,
    contact_points_of,
    count_cases_of,
    get_case,
    get_debtor,
    is_personal,
)
from compliance.casebook.importing import ImportReport, import_cases
from compliance.casebook.loading import gather_facts, get_account, load_facts, lock_debtor
from compliance.casebook.masking import (
    mask_account_no,
    mask_address,
    mask_contact,
    mask_email,
    mask_id,
    mask_mobile,
    mask_name,
    mask_text,
)
from compliance.casebook.rows import (
    AccountRow,
    DebtorRow,
    PointRow,
    account_of,
    accounts_of,
    debtor_of,
    lock_row,
    point_of,
)
from compliance.casebook.stages import days_past_due, load_stages, stage_of

__all__ = [
    "AccountRow",
    "Case",
    "DebtorRow",
    "ImportReport",
    "PointRow",
    "account_of",
    "accounts_of",
    "cases_of",
    "cases_of_debtor",
    "contact_points_of",
    "count_cases_of",
    "days_past_due",
    "debtor_of",
    "gather_facts",
    "get_account",
    "get_case",
    "get_debtor",
    "import_cases",
    "is_personal",
    "load_facts",
    "load_stages",
    "lock_debtor",
    "lock_row",
    "mask_account_no",
    "mask_address",
    "mask_contact",
    "mask_email",
    "mask_id",
    "mask_mobile",
    "mask_name",
    "mask_text",
    "point_of",
    "stage_of",
]
