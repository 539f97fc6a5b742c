"""News of organisations."""

from consortium.shared.signals import News

enterprise_changed = News("enterprise_changed")
enterprise_registered = News("enterprise_registered")
check_moved = News("check_moved")
