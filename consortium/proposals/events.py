"""News of what students say of their matches."""

from consortium.shared.signals import News

fact_doubted = News("fact_doubted")
posts_found = News("posts_found")
