"""News of students."""

from consortium.shared.signals import News

consent_given = News("consent_given")
consent_withdrawn = News("consent_withdrawn")
student_changed = News("student_changed")
students_changed = News("students_changed")
