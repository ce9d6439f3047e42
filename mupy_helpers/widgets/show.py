"""Shows controls where a kernel answers them, and a picture everywhere else."""

import base64
import html
from io import BytesIO

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mupy_helpers import plots


def png(figure):
    """Render a figure and close it.

    Parameters
    ----------
    figure : matplotlib Figure

    Returns
    -------
    (str, str)
        The PNG in base64, and its alt text.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a matplotlib Figure, not {type(figure).__name__}")
    buffer = BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", facecolor="white", metadata={"Software": None})
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode("ascii"), plots.alt_text(figure)


def answer_html(sentence, figure):
    """Return what a widget answers: a sentence that a screen reader speaks when it changes, and a figure.

    Parameters
    ----------
    sentence : str
    figure : matplotlib Figure

    Returns
    -------
    str
    """
    if not isinstance(sentence, str):
        raise TypeError(f"sentence must be text, not {type(sentence).__name__}")
    picture, alt = png(figure)
    return (f'<p role="status" aria-live="polite" style="font-size:1.1em">{html.escape(sentence)}</p>'
            f'<img style="max-width:100%" alt="{html.escape(alt, quote=True)}" src="data:image/png;base64,{picture}">')


def show(controls, answer, still):
    """Show controls with their answer, or a still picture where nobody answers.

    Parameters
    ----------
    controls : list of ipywidgets
        Each with a `value`; turned by mouse or keyboard.
    answer : callable
        Takes the values of the controls, returns the HTML to show.
    still : matplotlib Figure
        What a reader without a kernel sees: in the web book, in print, in a notebook that was not run.
    """
    import ipywidgets
    from IPython import get_ipython
    from IPython.display import display

    picture, alt = png(still)
    bundle, metadata = {"image/png": picture, "text/plain": alt}, {"image/png": {"alt": alt}}
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        screen = ipywidgets.HTML(answer(*[control.value for control in controls]))

        def turn(_):
            screen.value = answer(*[control.value for control in controls])

        for control in controls:
            control.observe(turn, names="value")
        bundle |= ipywidgets.VBox([*controls, screen])._repr_mimebundle_()
        bundle["text/plain"] = alt
    display(bundle, metadata=metadata, raw=True)
