"""News of the vocabulary."""

from consortium.shared.signals import News

skill_settled = News("skill_settled")
