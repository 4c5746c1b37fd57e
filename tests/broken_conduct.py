"""Methods that misbehave, one or more for each check of the kit about conduct."""

from broken_answers import Case

CASES = [
    Case(
        "seed",
        "regression",
        "same seed",
        """
    level = np.random.default_rng().normal()
    return lambda split: flat(task, split, level)
""",
    ),
    Case(
        "random-state",
        "regression",
        "moved the global generator of numpy.random",
        """
    level = np.random.normal()
    return lambda split: flat(task, split, level)
""",
    ),
    Case(
        "random-state",  # repeatable, and everybody else's draws are too from here on
        "regression",
        "fitting moved the global generator of random and torch",
        """
    import random
    import torch
    random.seed(0)
    torch.manual_seed(0)
    return lambda split: flat(task, split, random.Random(0).random())
""",
    ),
    Case(
        "random-state",
        "regression",
        "answering moved the global generator of numpy.random",
        """
    def predict(split):
        np.random.seed(0)
        return flat(task, split)
    return predict
""",
    ),
    Case(
        "random-state",  # brings the state back, and still depends on it
        "regression",
        "start elsewhere changed the answers",
        """
    state = np.random.get_state()
    level = np.random.normal()
    np.random.set_state(state)
    return lambda split: flat(task, split, level)
""",
    ),
    Case(
        "seed-used",
        "regression",
        "never reads it",
        """
    seed = 42
    level = np.random.default_rng(42).normal()
    return lambda split: flat(task, split, level)
""",
        takes="seed=0",
    ),
    Case(
        "seeds",  # one generator for all: the second seed starts where the first one stopped
        "regression",
        "seed 1 of seeds=(0, 1) answered otherwise than seed=1 alone",
        """
    rng = np.random.default_rng((seeds or (seed,))[0])
    made = [level_of(task, rng.normal()) for _ in seeds or (seed,)]
    return made if seeds else made[0]

def level_of(task, level):
    return lambda split: flat(task, split, level)
""",
        takes="seed=0, seeds=()",
    ),
    Case(
        "seeds",
        "regression",
        "given seeds=(0, 1), the method returned 1 of them",
        """
    level = np.random.default_rng(seed).normal()
    made = lambda split: flat(task, split, level)
    return [made] if seeds else made
""",
        takes="seed=0, seeds=()",
    ),
    Case(
        "seeds",  # the steps of the first seed for all
        "regression",
        "seed 1 of seeds=(0, 1) answered otherwise",
        """
    most = steps[0] if isinstance(steps, tuple) else steps
    made = [walk(task, each, most or 9) for each in seeds or (seed,)]
    return made if seeds else made[0]

def walk(task, seed, steps):
    level = np.random.default_rng(seed).normal(size=steps).sum()
    return lambda split: flat(task, split, level)
""",
        takes="seed=0, seeds=(), steps=None",
    ),
    Case(
        "input",
        "regression",
        "fitting changed",
        """
    numeric(task)
    for x in train.x:
        x -= x.mean(axis=0)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "input",
        "forecasting",
        "answering changed",
        """
    def predict(split):
        answers = [np.tile(whole(x)[-1, : task.y.size], (task.steps, 1)) for x in split.x]
        for x in split.x:
            x[0] = 0
        return answers
    return predict
""",
    ),
    Case(
        "input",
        "forecasting",
        "fitting changed",
        """
    for ahead in train.ahead:
        ahead -= 1
    return lambda split: flat(task, split)
""",
        "units",
    ),
    Case(
        "settings",
        "regression",
        "the setting lags was [1, 2] and is [1, 2, 12] after the fit",
        """
    lags.append(12)
    return lambda split: flat(task, split)
""",
        takes="lags=[1, 2]",
    ),
    Case(
        "own-arrays",
        "regression",
        "changed the next one",
        """
    level = np.ones((task.steps, task.y.size))
    return lambda split: [level for _ in split.x]
""",
    ),
    Case(
        "own-arrays",
        "classification",
        "changed an array of train",
        """
    return lambda split: [train.y[0] for _ in split.x]
""",
    ),
    Case(
        "own-arrays",
        "labelling",
        "or of the question",
        """
    numeric(task)
    return lambda split: [whole(x)[:, : task.y.size] for x in split.x]
""",
    ),
    Case(
        "state",
        "regression",
        "asked the same once more",
        """
    calls = []
    def predict(split):
        calls.append(0)
        return flat(task, split, len(calls))
    return predict
""",
        "batch order own-arrays",
    ),
    Case(
        "state",  # too small a change for `batch`, which allows for rounding
        "regression",
        "asked the same once more",
        """
    calls = []
    def predict(split):
        calls.append(0)
        return flat(task, split, 1 + 1e-7 * len(calls))
    return predict
""",
    ),
    Case(
        "earlier-fits",
        "regression",
        "than in modules imported anew",
        """
    MEMORY.append(np.mean([whole(y).mean() for y in train.y]))
    return lambda split: flat(task, split, MEMORY[0])
""",
    ),
    Case(
        "earlier-fits",
        "regression",
        "nothing in a module or a class",
        """
    return Model(task, np.mean([whole(y).mean() for y in train.y]))

class Model:
    known = {}
    def __init__(self, task, level):
        self.task, self.level = task, self.known.setdefault(task, level)
    def __call__(self, split):
        return flat(self.task, split, self.level)
""",
    ),
    Case(
        "notes",
        "regression",
        "notes cannot be stored as JSON (it holds a type)",
        """
    predict = lambda split: flat(task, split)
    predict.notes = {"model": Unsupported}
    return predict
""",
    ),
    Case(
        "notes",
        "regression",
        "keys must be str",
        """
    predict = lambda split: flat(task, split)
    predict.notes = {"orders": {(1, 0): 2.0}}
    return predict
""",
    ),
    Case(
        "notes",
        "regression",
        "the note parameters is -1",
        """
    predict = lambda split: flat(task, split)
    predict.notes = {"parameters": -1}
    return predict
""",
    ),
    Case(
        "notes",
        "regression",
        "the note steps is 2.5",
        """
    predict = lambda split: flat(task, split)
    predict.notes = {"steps": 2.5}
    return predict
""",
        takes="steps=None",
    ),
    Case(
        "notes",
        "regression",
        "at most 1,000,000 fit",
        """
    predict = lambda split: flat(task, split)
    predict.notes = {"log": "again " * 200_000}
    return predict
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the working folder to / and numpy's error modes (divide, over, invalid) and "
        "sys.path (mine) and environment variables (MINE)",
        """
    import os
    import sys
    os.chdir("/")
    os.environ["MINE"] = "1"
    np.seterr(all="ignore")
    sys.path.append("mine")
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "answering changed torch's default type to float64 and torch's gradient mode to False and torch's "
        "determinism to True",
        """
    import torch
    def predict(split):
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.use_deterministic_algorithms(True)
        return flat(task, split)
    return predict
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the recursion limit to 12345",
        """
    import sys
    sys.setrecursionlimit(12345)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed numpy's printing (precision)",
        """
    np.set_printoptions(precision=2)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the locale",
        """
    import locale
    other = 'C' if locale.setlocale(locale.LC_NUMERIC) != 'C' else 'C.UTF-8'
    locale.setlocale(locale.LC_NUMERIC, other)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the decimal context",
        """
    import decimal
    decimal.getcontext().prec = 4
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed garbage collection",
        """
    import gc
    gc.disable()
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed pandas's options (display.precision)",
        """
    import pandas
    pandas.set_option('display.precision', 2 + pandas.get_option('display.precision') % 2)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the filters of warnings",
        """
    import warnings
    warnings.filterwarnings('error', message='mine')
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the handlers of signals (SIGUSR1)",
        """
    import signal
    signal.signal(signal.SIGUSR1, lambda *_: None)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the standard streams",
        """
    import io
    import sys
    sys.stdout = io.StringIO()
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "surroundings",
        "regression",
        "fitting changed the hooks of sys and threading",
        """
    import threading
    threading.excepthook = lambda *_: None
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "leftovers",
        "regression",
        "fitting left running: timer ITIMER_PROF",
        """
    import signal
    signal.setitimer(signal.ITIMER_PROF, 1000)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "leftovers",
        "regression",
        "fitting left running: timer ITIMER_VIRTUAL",
        """
    import signal
    signal.setitimer(signal.ITIMER_VIRTUAL, 1000)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "patched",
        "regression",
        "fitting or answering replaced numpy.median",
        """
    np.median = lambda *args, **words: 0.0
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "patched",
        "regression",
        "replaced statsmodels.tsa.exponential_smoothing.ets.ETSModel.fit",
        """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    plain = ETSModel.fit
    ETSModel.fit = lambda self, **words: plain(self, **words)
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "patched",
        "regression",
        "fitting or answering added numpy.float",
        """
    np.float = float
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "patched",
        "regression",
        "fitting or answering replaced recurbench.metrics.score",
        """
    from recurbench import metrics
    metrics.score = lambda *_: None
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "patched",
        "regression",
        "fitting or answering rewrote statistics.median",
        """
    import statistics
    statistics.median.__defaults__ = (1,)
    statistics.median.__code__ = (lambda data, x=1: 0).__code__
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "patched",
        "regression",
        "importing its file replaced numpy.nanmedian",
        """
    return lambda split: flat(task, split)

PLAIN = np.nanmedian
np.nanmedian = lambda *args, **words: PLAIN(*args, **words)
""",
    ),
    Case(
        "quiet",
        "regression",
        "fitting printed 'epoch 1'",
        """
    print("epoch 1")
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "quiet",  # as C code and child processes print, past Python
        "regression",
        "answering printed 'from C'",
        """
    import os
    def predict(split):
        os.write(2, b"from C")
        return flat(task, split)
    return predict
""",
    ),
    Case(
        "files",
        "regression",
        "fitting wrote or removed",
        """
    with open("model.txt", "w") as file:
        file.write("weights")
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "files",
        "regression",
        "answering wrote or removed",
        """
    import os
    def predict(split):
        os.makedirs("cache", exist_ok=True)
        os.rmdir("cache")
        return flat(task, split)
    return predict
""",
    ),
    Case(
        "files",  # once, as a cache or a download
        "regression",
        "fitting wrote or removed",
        """
    import os
    if not os.path.exists("model.txt"):
        open("model.txt", "w").close()
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "network",
        "regression",
        "fitting reached for the network: ('127.0.0.1', 9)",
        """
    import socket
    with socket.socket() as one:
        one.connect_ex(("127.0.0.1", 9))
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "leftovers",
        "regression",
        "fitting left running: thread mine",
        """
    import threading
    import time
    threading.Thread(target=time.sleep, args=(3,), name="mine", daemon=True).start()
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "leftovers",  # once, for all fits to come
        "regression",
        "fitting left running: thread mine",
        """
    import threading
    import time
    if not MEMORY:
        MEMORY.append(threading.Thread(target=time.sleep, args=(3,), name="mine", daemon=True))
        MEMORY[0].start()
    return lambda split: flat(task, split)
""",
    ),
    Case(
        "leftovers",
        "regression",
        "answering left running: process sleep 30",
        """
    import subprocess
    def predict(split):
        subprocess.Popen(["sleep", "30"])
        return flat(task, split)
    return predict
""",
    ),
]
