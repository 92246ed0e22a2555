"""Runs exported segments on a Spark cluster of two worker processes, and compares the counts.

    python3 spark.py DIR

Needs pyspark (pip install pyspark) and the Java that it asks for. Everything listens on loopback.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import pyspark
from pyspark.sql import SparkSession

WORKERS = 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("the master did not come up")


def start(home, log, *arguments):
    command = [str(home / "bin" / "spark-class"), *arguments]
    environment = dict(os.environ, SPARK_LOCAL_IP="127.0.0.1", SPARK_HOME=str(home))
    # The script replaces itself with Java, so the process is the one to end.
    return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def main(folder):
    home = pathlib.Path(pyspark.__file__).parent
    folder = pathlib.Path(folder).resolve()
    columns = json.loads((folder / "columns.json").read_text())
    queries = json.loads((folder / "queries.json").read_text())
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    processes = []
    with tempfile.TemporaryDirectory() as scratch, open(pathlib.Path(scratch) / "log", "w") as log:
        try:
            deploy = "org.apache.spark.deploy"
            processes.append(start(home, log, f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port),
                                   "--webui-port", str(free_port())))
            wait_for(port)
            for number in range(WORKERS):
                processes.append(start(home, log, f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores", "1",
                                       "--memory", "1g", "--webui-port", str(free_port()),
                                       "--work-dir", f"{scratch}/worker-{number}", master))
            failed = run(master, folder, columns, queries)
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait()
    return failed


def run(master, folder, columns, queries):
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master(master)
        .appName("kyckit segments")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.executor.memory", "900m")
        .config("spark.sql.ansi.enabled", "true")
        # Names stand in double quotes, as in the standard.
        .config("spark.sql.ansi.doubleQuotedIdentifiers", "true")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    try:
        # Both workers take part.
        begun = time.time()
        while session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() < WORKERS + 1:
            if time.time() - begun > 120:
                raise SystemExit("the workers did not come up")
            time.sleep(0.2)
        schema = ", ".join(f"`{name}` {kind}" for name, kind in columns)
        users = session.read.schema(schema).json(str(folder / "users.json")).repartition(2 * WORKERS).cache()
        users.createOrReplaceTempView("users")
        print(f"Spark {session.version}: {users.count()} users, {WORKERS} worker processes", flush=True)
        equal, other, begun = 0, 0, time.time()
        for query in queries:
            values = [next(iter(value.values())) for value in query["values"]]
            values = [float(value) if "number" in given else value for given, value in zip(query["values"], values)]
            row = session.sql(query["text"], args=values).collect()[0]
            for found, expected in zip(row, query["expected"]):
                if found == expected:
                    equal += 1
                else:
                    other += 1
            print(f"{equal} counts equal, {other} not, {time.time() - begun:.1f} s", flush=True)
        print(f"Spark: {equal} counts equal, {other} not, {time.time() - begun:.1f} s in {len(queries)} queries")
        return other > 0 or equal == 0
    finally:
        session.stop()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
