"""What the live page says, in sentences (lesson 08)."""

HOW_FAR = {
    "current": lambda value: f"the motor takes {abs(value):.2f} A {'more' if value > 0 else 'less'} than it should",
    "room": lambda value: f"the room {'warms' if value > 0 else 'cools'} by {abs(12 * value):.1f} °C an hour more than "
                          "it should",
    "unchanged": lambda value: f"the room's sensor has said the same for {5 * round(value ** 2):d} minutes",
}
CHANNELS = {"current": "Drive current", "room": "Room temperature", "unchanged": "Room sensor"}


def when(time):
    """Return a moment for the page, such as "5 January, 10:25".

    Parameters
    ----------
    time : Timestamp

    Returns
    -------
    str
    """
    return f"{time.day} {time:%B, %H:%M}"


def number(value):
    """Return a score for the page: one decimal below ten, none above.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def alarm_in_words(alarm):
    """Say when an alarm began, on which channel, and how far; or when it ended.

    Parameters
    ----------
    alarm : Alarm
        Of the engine's symptoms.

    Returns
    -------
    str
    """
    if alarm.kind == "end":
        return f"{when(alarm.time)}: alarm {alarm.number} is over. Highest score {number(alarm.score)}."
    return (f"{when(alarm.time)}: alarm {alarm.number}. {CHANNELS[alarm.channel]}: {HOW_FAR[alarm.channel](alarm.value)}. "
            f"Score {number(alarm.score)}, limit {number(alarm.threshold)}.")


def state_in_words(engine):
    """Say in a sentence or two how the store is.

    Parameters
    ----------
    engine : Engine

    Returns
    -------
    str
    """
    if not engine.history:
        return "Waiting for the first reading."
    state = "Alarm" if engine.is_alarm else "Calm"
    return f"{state}. Score {number(engine.history[-1].score)}, limit {number(engine.threshold)}."


def speed_in_words(speed):
    """Say how fast time runs.

    Parameters
    ----------
    speed : float
        Seconds of the store in a second of ours.

    Returns
    -------
    str
    """
    if speed == 3600:
        return "one hour in a second"
    if speed == 1:
        return "the speed of a clock"
    for length, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if speed >= length:
            return f"{speed / length:.3g} {unit} in a second"
    return f"{speed:.3g} seconds in a second"
