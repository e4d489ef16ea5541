"""A token bucket: so much per second and so much at once; pure, the caller brings the time."""


class Budget:
    """Counts what may still be spent; both verbs refill it first."""

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = now

    def take(self, amount: float, now: float) -> bool:
        """Spend `amount` if it is there, else spend nothing and say no."""
        self._refill(now)
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def owe(self, amount: float, now: float) -> float:
        """Spend `amount` in any case; the seconds to wait until the debt is paid."""
        self._refill(now)
        self._left -= amount
        return max(0.0, -self._left / self._rate)

    def _refill(self, now: float) -> None:
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
