"""News of agreements."""

from consortium.shared.signals import News

agreement_drafted = News("agreement_drafted")
