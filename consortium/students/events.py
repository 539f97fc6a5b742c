"""News of students."""

from consortium.shared.signals import News

consent_given = News("consent_given")
consent_withdrawn = News("consent_withdrawn")
student_changed = News("student_changed")
student_left = News("student_left")
student_reminded = News("student_reminded")
student_stepped = News("student_stepped")
students_changed = News("students_changed")
