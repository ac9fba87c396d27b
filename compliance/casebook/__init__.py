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
from compliance.casebook.loading import get_account, load_facts, lock_debtor
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
from compliance.casebook.stages import days_past_due, load_stages, stage_of

__all__ = [
    "Case",
    "ImportReport",
    "cases_of",
    "cases_of_debtor",
    "contact_points_of",
    "count_cases_of",
    "days_past_due",
    "get_account",
    "get_case",
    "get_debtor",
    "import_cases",
    "is_personal",
    "load_facts",
    "load_stages",
    "lock_debtor",
    "mask_account_no",
    "mask_address",
    "mask_contact",
    "mask_email",
    "mask_id",
    "mask_mobile",
    "mask_name",
    "mask_text",
    "stage_of",
]
