"""Parameters of web addresses that say how a reader came, and nothing about what they read.

The names are those of the ad networks' and mailers' own documentation, and of the lists that browsers' filters keep
(AdGuard's URL tracking filter, ClearURLs' global rules). Names that some sites give to content (`ref`, `source`, `id`,
`cid`) are left alone: two pages taken for one is worse than one page taken for two.
"""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = (
    "utm_", "utm-", "mtm_", "pk_", "piwik_", "matomo_",  # campaigns: Google Analytics, Matomo
    "gad_", "hsa_", "_hs", "__hs", "mc_", "ml_", "vero_", "oly_", "fb_action_", "otm_", "itm_", "stm_", "wt_", "dm_",
    "at_campaign", "at_medium", "at_custom", "at_creation", "at_format", "at_ptr", "at_recipient", "at_send",
    "trk_", "cm_mmc", "mkt_", "elq", "_branch_", "rb_clickid", "ga_", "guce_", "s_kwcid",
)  # fmt: skip
# In order: Google and its ads; other networks; mailers and marketing suites.
_LISTED: Final = """
gclid gclsrc gbraid wbraid dclid gs_l srsltid _ga _gl _gac _gcl gacid campaignid adgroupid matchtype
loc_physical_ms loc_interest_ms

fbclid fb_ref fb_source igshid igsh mibextid msclkid twclid ttclid li_fat_id licu trk trkcampaign epik pin_unauth
rdt_cid sccid vmcid yclid ysclid ymclid _openstat qclid spclid bd_vid wickedid tblci dicbo obclid auctid awclid
clickid click_id __twitter_impression irclickid irgwc cjevent cjdata ranmid raneaid ransiteid awc zanpid

hsctatracking _kx _ke __s ck_subscriber_id ceid sfmc_id sfmc_sub mkt_tok s_cid cmpid cmp icid ns_source
ns_mchannel ns_campaign ns_linkname ns_fee bsft_clkid bsft_eid bsft_uid bsft_mid et_rid et_cid emci emdi
echobox spm xtor mbid tracking_source vn_msclkid nr_email_referer _bta_tid _bta_c mindboxmessagekey
omnisendcontactid sms_click sms_source sms_uph
"""
_NAMES: Final = frozenset(_LISTED.split())


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name, in any case, says nothing about the content."""
    low = name.strip().casefold()
    return low in _NAMES or low.startswith(_BEGINNINGS)
