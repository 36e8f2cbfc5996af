"""The official `kaggle` command as a subprocess, tried again where that is safe."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deepcolor.kaggle.errors import TransientError, explained

ATTEMPTS = 6


class KaggleCommand:
    """The `kaggle` command of this environment, against Kaggle or its stand-in.

    Args:
        environment: Environment variables that it runs with; they decide which service it talks to.
        poll: Seconds between two questions about something unfinished; delays between attempts
            are measured by it too.
    """

    def __init__(self, environment: Mapping[str, str], poll: float = 10.0):
        self.environment = dict(environment)
        self.poll = poll
        self.command = str(Path(sys.executable).with_name("kaggle"))

    def once(self, *arguments: str) -> str:
        """Run `kaggle ARGUMENTS` and return what it printed.

        Raises:
            KaggleError: If it ends with a status other than 0; a `TransientError` if another
                attempt may succeed.
        """
        done = subprocess.run(
            [self.command, *arguments], env=self.environment, capture_output=True, text=True
        )
        said = "\n".join(text for text in (done.stdout.strip(), done.stderr.strip()) if text)
        if done.returncode:
            raise explained(f"kaggle {' '.join(arguments[:2])}", said)
        return said

    def ask(self, *arguments: str) -> str:
        """Run a command that changes nothing on the service, again if a passing fault hits it.

        Raises:
            KaggleError: If it fails for good.
        """
        for attempt in range(ATTEMPTS - 1):
            try:
                return self.once(*arguments)
            except TransientError:
                self.back_off(attempt)
        return self.once(*arguments)

    def back_off(self, attempt: int) -> None:
        """Wait before another attempt, twice as long each time."""
        time.sleep(self.poll / 20 * 2**attempt)
