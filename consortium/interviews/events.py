"""News of interviews."""

from consortium.shared.signals import News

interview_stepped = News("interview_stepped")
interview_moved = News("interview_moved")
