"""What accounts forget in time: handed to the daily task of `shared.retention`."""

from __future__ import annotations

from consortium.accounts import service
from consortium.shared import retention

retention.purges("sign-ins")(service.forget_sign_ins)
