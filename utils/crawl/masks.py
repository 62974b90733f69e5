"""FineWeb's masks for personal data: addresses for mail, and public IP addresses, nothing else."""

import ipaddress
import re

MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
MAIL_MASK, IP_MASK = "email@example.com", "22.214.171.124"


def _masked_ip(match: re.Match[str]) -> str:
    try:
        public = ipaddress.ip_address(match[0]).is_global
    except ValueError:  # a part above 255
        return match[0]
    return IP_MASK if public else match[0]


def mask(text: str) -> str:
    """The text with a stand-in for each mail address and each public IP address."""
    return IP.sub(_masked_ip, MAIL.sub(MAIL_MASK, text))
