"""Finite automata and groups by name, for the data set automaton."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from recurbench.task import Array

ILLEGAL = -1
REJECTED = 0
TOMITA = {
    # Each row is a state: the states after the symbols 0 and 1. Strings start in state 0. After the table
    # stand the accepting states. ILLEGAL: no string that begins like this is accepted.
    1: ([[ILLEGAL, 0]], {0}),
    2: ([[ILLEGAL, 1], [0, ILLEGAL]], {0}),
    # 0: no odd run of 1s has ended; 1: in an odd run of 1s; 2: after one, an odd run of 0s; 3: the others.
    3: ([[0, 1], [2, 0], [3, ILLEGAL], [2, 3]], {0, 1, 3}),
    4: ([[1, 0], [2, 0], [ILLEGAL, 0]], {0, 1, 2}),
    # State 2 * (number of 0s mod 2) + (number of 1s mod 2).
    5: ([[2, 1], [3, 0], [0, 3], [1, 2]], {0}),
    # State (number of 1s - number of 0s) mod 3.
    6: ([[2, 1], [0, 2], [1, 0]], {0}),
    7: ([[0, 1], [2, 1], [2, 3], [ILLEGAL, 3]], {0, 1, 2, 3}),
}
GROUPS = {"S3": 3, "A4": 4, "A5": 5}
MODULI = range(2, 13)
DEPTHS = range(2, 13)
BITS = ("0", "1")


@dataclass(frozen=True)
class Machine:
    """A deterministic finite automaton that gives an answer after every symbol. It starts in state 0.

    Attributes
    ----------
    symbols, classes : tuple of str
        Names of the input symbols and of the answers.
    moves : array
        [states, symbols]: the next state, or ILLEGAL.
    answers : array
        [states]: the answer in each state.
    rejects : bool
        Whether strings with an illegal symbol are drawn. From that symbol on, their answer is REJECTED.
    """

    symbols: tuple[str, ...]
    classes: tuple[str, ...]
    moves: Array
    answers: Array
    rejects: bool = False

    def run(self, x: Array) -> Array:
        """The answer after every symbol of one string: [steps] from [steps].

        Raises
        ------
        ValueError
            If a symbol is illegal and the machine does not reject.
        """
        moves, answers = self.moves.tolist(), self.answers.tolist()
        state, found = 0, np.full(len(x), REJECTED)
        for step, symbol in enumerate(x.tolist()):
            state = moves[state][symbol]
            if state == ILLEGAL:
                if not self.rejects:
                    raise ValueError(f"the symbol {self.symbols[symbol]!r} is not allowed at step {step}")
                break
            found[step] = answers[state]
        return found


def machine(name: str) -> Machine:
    """The machine of this name.

    - tomita-1 to tomita-7, the languages of Tomita (1982): 1*; (10)*; no odd run of 0s anywhere after an odd
      run of 1s; no 000; an even number of 0s and of 1s; number of 1s minus number of 0s divisible by 3;
      0*1*0*1*. Number 3 is read as by Weiss, Goldberg and Yahav (2018). The answer: is the string accepted?
    - flip-flop (Liu et al. 2023): two symbols write a bit, two others show a bit that is to be ignored. The
      answer is the bit that was written last.
    - dyck-D: brackets of one kind that are never open more than D deep (Dyck-1 with bounded depth, see Hewitt
      et al. 2020). The answer is the depth.
    - mod-M: the number of 1s modulo M.
    - S3, A4, A5: the word problem of the group (Merrill, Petty and Sabharwal 2024). Symbols and answers are
      its elements, the answer is the product g_t ... g_1, and 0 is the identity.

    Raises
    ------
    ValueError
        If there is no such machine.
    """
    kind, _, number = name.partition("-")
    size = int(number) if number.isdecimal() else 0
    if kind == "tomita" and size in TOMITA:
        table, accepting = TOMITA[size]
        answers = np.array([int(state in accepting) for state in range(len(table))])
        moves = np.array(table)
        return Machine(BITS, ("rejected", "accepted"), moves, answers, bool((moves == ILLEGAL).any()))
    if name == "flip-flop":
        symbols = ("write 0", "write 1", "ignore 0", "ignore 1")
        return Machine(symbols, BITS, np.array([[0, 1, 0, 0], [0, 1, 1, 1]]), np.arange(2))
    if kind == "dyck" and size in DEPTHS:
        depth = np.arange(size + 1)
        moves = np.stack([np.where(depth < size, depth + 1, ILLEGAL), depth - 1], axis=1)
        return Machine(("(", ")"), _numbered(size + 1), moves, depth)
    if kind == "mod" and size in MODULI:
        count = np.arange(size)
        return Machine(BITS, _numbered(size), np.stack([count, (count + 1) % size], axis=1), count)
    if name in GROUPS:
        product = _products(GROUPS[name], even=name.startswith("A"))
        names = _numbered(len(product))
        return Machine(names, names, product.T, np.arange(len(product)))
    known = (
        f"tomita-1 to tomita-7, flip-flop, dyck-{DEPTHS[0]} to dyck-{DEPTHS[-1]}, mod-{MODULI[0]} to "
        f"mod-{MODULI[-1]}, {', '.join(GROUPS)}"
    )
    raise ValueError(f"unknown machine {name!r}; automaton knows {known}")


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(count))


def _products(n: int, even: bool) -> Array:
    """Entry [a, b]: the permutation of n things that applies b first and then a; 0 is the identity."""
    elements = [p for p in permutations(range(n)) if not even or _sign(p) == 1]
    code = {element: number for number, element in enumerate(elements)}
    return np.array([[code[tuple(a[i] for i in b)] for b in elements] for a in elements])


def _sign(permutation: tuple[int, ...]) -> int:
    return round(float(np.linalg.det(np.eye(len(permutation))[list(permutation)])))
