"""News of organisations."""

from consortium.shared.signals import News

enterprise_changed = News("enterprise_changed")
