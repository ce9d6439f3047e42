"""What the prose of nab_ambient_temperature says in numbers that stand in no output beside it."""

import pandas as pd

from claims.reasons import SET

CLAIMS = {
    "Values from 57 to 86 indoors": lambda names: (
        int(names["temperature"].min()), int(names["temperature"].max())) == (57, 86),
    "with one false call in four weeks": lambda names: 3.5 < 1 / names["judge"](names["fixed_score"], 3)[2] < 4.5,
    "the memory is not yet three days old": lambda names: names["temperature"].idxmin() - names["holes"].loc[
        9, "end"] < pd.Timedelta("3D"),
}

FACTS = {
    "holds 58 series, 52 of them with labelled anomalies": SET,
    "about 70 for Numenta's HTM and 40 for a windowed Gaussian, where 0 is": SET,
    "a detector that never alarms and 100 a perfect one": SET,
}
