"""What every item says, put into the map of `forecast.engine._channels`."""

from forecast.engine._channels import COUNT, SILENCE, Channels
from forecast.engine._jit import entry
from forecast.engine._problem import Ints


@entry
def speak(c: Channels, said: Ints) -> None:
    """Set what every item says, in place: 1 for on, 0 for off; of a count the number.

    A silence says 1 if it was kept; 0 leaves it without a say. A crowd's source speaks for or
    against as the last of its items does.
    """
    for item in range(len(c.item_form)):
        if c.item_form[item] >= COUNT:
            c.item_counted[item] = said[item]
        elif c.item_form[item] == SILENCE:
            c.item_number[item] *= said[item]
        else:
            c.item_on[item] = said[item]
    for crowd in range(len(c.first_own) - 1):
        for i in range(c.first_spoken[crowd], c.first_spoken[crowd + 1]):
            sign = 1.0 if said[c.spoken[i]] == 1 else -1.0
            c.voice_sign[c.first_voice[crowd] + c.spoken_voice[i]] = sign
    for item in range(len(c.item_form)):
        settled = c.repeat_on[item] if said[item] == 1 else c.repeat_off[item]
        same, first, last = float(settled), c.first_repeat[item], c.first_repeat[item + 1]
        for i in range(first, last):
            same += said[c.repeat[i]] == said[item]
        total = last - first + c.repeat_on[item] + c.repeat_off[item]
        c.item_copied[item] = same / total if total > 0 else 0.0
