"""Grades of assistants' answers: what an evaluation gives (a question, what is expected, an answer or a whole
trajectory) in, scores out. Only `nemolint grade` loads it.
"""
