"""What the lessons' prose says in numbers that do not stand in an output beside it; a module for each lesson.

`CLAIMS` holds phrases of its prose, each with a function of the lesson's variables, as they are after its last cell,
that tells whether the phrase is true. `FACTS` holds phrases with numbers that no code of the lesson can show, each
with the reason. `test_exercises.py` checks both, and that every other number stands in an output.
"""

import importlib
import pkgutil

from tools import lessons

# The modules are named by number: a lesson's name may become another one.
_NAMES = {f"lesson_{lesson.name[:2]}" if lesson.name[:2].isdigit() else lesson.name: lesson.name
          for lesson in lessons.all_lessons()}
CLAIMS, FACTS = {}, {}
for _module in pkgutil.iter_modules(__path__):
    if _module.name != "reasons":
        _content = importlib.import_module(f"claims.{_module.name}")
        _name = _NAMES.get(_module.name, _module.name)
        CLAIMS[_name], FACTS[_name] = _content.CLAIMS, _content.FACTS
