"""Optuna's workers as their users write them, several at once on one study over a grid of integers."""

import json
import os
import signal
import subprocess
import tempfile
import time

import optuna
from optuna.storages import JournalFileStorage, JournalRedisStorage, JournalStorage
from optuna.trial import TrialState

SAMPLERS = {"random": lambda grid: optuna.samplers.RandomSampler(),
            "tpe": lambda grid: optuna.samplers.TPESampler(),
            "grid": optuna.samplers.GridSampler}


def storage_of(place):
    """The one line that differs: where the study is."""
    served = place.startswith("redis:")
    return JournalStorage(JournalRedisStorage(place) if served else JournalFileStorage(place))


def is_known(study, trial):
    """The recipe that users pass on: whoever finds its parameters with another trial gives up."""
    others = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.RUNNING))
    return any(t.number != trial.number and t.params == trial.params for t in others)


def work(place, sampler, columns, rows, trials, recipe, seconds, record):
    grid = {"x": list(range(columns)), "y": list(range(rows))}
    study = optuna.create_study(study_name="s", storage=storage_of(place), sampler=SAMPLERS[sampler](grid),
                                load_if_exists=True)

    def objective(trial):
        x = trial.suggest_int("x", 0, columns - 1)
        y = trial.suggest_int("y", 0, rows - 1)
        if recipe and is_known(study, trial):
            raise optuna.TrialPruned
        with open(record, "a") as f:  # one write of one line
            f.write(f"{x} {y}\n")
        time.sleep(seconds)
        return float((x - 3) ** 2 + (y - 4) ** 2)

    try:
        study.optimize(objective, n_trials=trials)
    except Exception as why:
        if "EXHAUSTED" not in str(why):
            raise


def start(errors, *task):
    """A worker in a process of its own; what ends it other than well is a line of the file."""
    pid = os.fork()
    if pid == 0:
        try:
            work(*task)
        except BaseException as why:
            with open(errors, "a") as f:
                f.write(f"{type(why).__name__}: {why}".replace("\n", " ") + "\n")
        os._exit(0)
    return pid


def lines_of(path):
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return f.read().splitlines()


def evaluated(record):
    return [tuple(map(int, line.split())) for line in lines_of(record)]


def kill_one_at_work(errors, place, sampler, columns, rows, record):
    """A worker dies (kill -9) with its first point in hand, which is answered."""
    victim = start(errors, place, sampler, columns, rows, 1, False, 60, record)
    while not evaluated(record):
        time.sleep(0.01)
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    return evaluated(record)[0]


def serve(fabricd, folder, sampler):
    """The server that takes the place of the storage, and its address."""
    words = ["--redis", "127.0.0.1:0", "--storage", f"sqlite:///{folder}/s.db", "--sampler", sampler,
             "--grace", "2s", "--json"]
    server = subprocess.Popen([fabricd, "study", "serve", *words], stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, HOME=folder))
    return server, json.loads(server.stdout.readline())["redis"]


def crowd(fabricd, sampler, workers, columns, rows, trials, recipe=False, seconds=0.0, kill=False):
    """What so many workers evaluate with so many trials in all, each its share. With `fabricd` the
    study is served by it, else Optuna's workers share a journal."""
    with tempfile.TemporaryDirectory() as folder:
        record, errors = os.path.join(folder, "evaluated"), os.path.join(folder, "errors")
        server, place = None, os.path.join(folder, "journal")
        if fabricd:
            server, place = serve(fabricd, folder, sampler)
        try:
            lost = kill_one_at_work(errors, place, sampler, columns, rows, record) if kill else None
            before = len(evaluated(record))
            shares = [trials // workers + (i < trials % workers) for i in range(workers)]
            pids = [start(errors, place, sampler, columns, rows, share, recipe, seconds, record)
                    for share in shares]
            for pid in pids:
                os.waitpid(pid, 0)
            points = evaluated(record)[before:]
            return {"evaluations": len(points), "points": len(set(points)), "errors": lines_of(errors),
                    "lost_came_back": lost in points}
        finally:
            if server:
                server.kill()
                server.communicate()
