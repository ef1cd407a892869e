"""What the statements of a request cost PostgreSQL: CPU time of each, from the server's own log, so that other work on the machine counts
little. Planning is told apart (bind). For a service whose private PostgreSQL writes `postgres.log`."""
import os
import re
import time

SETTINGS = {"log_min_duration_statement": "0", "log_executor_stats": "on", "log_error_verbosity": "default"}
LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ \S+ \[(\d+)\] (\w+):  (.*)")
DURATION = re.compile(r"duration: ([\d.]+) ms  (parse|bind|execute|statement)[^:]*: ?(.*)", re.S)
USAGE = re.compile(r"([\d.]+) s user, ([\d.]+) s system")
TABLE = re.compile(r"\b(?:spend_|charges_|statement_|observations)\w*")


def say_all(service):
    """Restarts the service with a log that says what each statement took; `quiet` ends that."""
    connection = service.connect()
    for name, value in SETTINGS.items():
        connection.run(f"alter role quipu set {name} = '{value}'")
    connection.close()
    service.stop()
    service.start()


def quiet(service):
    connection = service.connect()
    for name in SETTINGS:
        connection.run(f"alter role quipu reset {name}")
    connection.close()


class Log:
    def __init__(self, service):
        self.path = service.folder + "/data/postgres.log"
        self.place = os.path.getsize(self.path)

    def taken(self):
        """(CPU ms, tables read, statement) of statements over sums since the last call."""
        time.sleep(0.05)
        with open(self.path, errors="replace") as file:
            file.seek(self.place)
            text = file.read()
        self.place += len(text.encode(errors="replace"))
        entries = []
        for line in text.split("\n"):
            found = LINE.match(line)
            if found:
                entries.append([found.group(1), found.group(3)])
            elif entries:
                entries[-1][1] += "\n" + line
        used, taken = {}, []
        for process, message in entries:
            usage, duration = USAGE.search(message), DURATION.match(message)
            if usage and message.startswith("!"):
                used[process] = used.get(process, 0) + (float(usage.group(1)) + float(usage.group(2))) * 1000
            elif duration and duration.group(2) in ("execute", "statement"):
                cpu, statement = used.pop(process, 0), duration.group(3)
                tables = sorted(set(TABLE.findall(statement)))
                if tables and "from taken" not in statement and "deltas" not in statement:
                    taken.append((cpu, tables, statement))
        return taken
