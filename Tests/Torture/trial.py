"""One outage under load, from healthy to healthy."""
import threading
import time

import requests

import audit
from flood import Flood
from sender import Sender
from service import Service

# Held requests (96 MiB), decoded, and what the allocator keeps.
MEMORY_MORE_MAX_MIB = 250


class Watch:
    """Memory of the service, sampled until the end."""

    def __init__(self, service):
        self.service, self.is_over = service, threading.Event()
        self.before = self.peak = service.resident_mib()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.is_over.wait(0.1):
            if not self.service.is_running:
                return
            self.peak = max(self.peak, self.service.resident_mib())

    def stop(self):
        self.is_over.set()
        self.thread.join()


def ask_page(service, browser, path, findings, may_work):
    """A page or an answer, or the error in its form: never none, never a 500."""
    started = time.monotonic()
    try:
        answer = browser.get(service.url + path, timeout=25, auth=service.auth if path.startswith("/api") else None)
    except requests.RequestException as error:
        findings.wrong.append(f"{path}: no answer ({type(error).__name__})")
        return
    form = "application/json" if path.startswith("/api") else "text/html"
    if answer.status_code not in ((200, 503) if may_work else (503,)) or form not in answer.headers["content-type"]:
        findings.wrong.append(f"{path}: {answer.status_code} {answer.headers['content-type']} after {time.monotonic() - started:.1f} s")
    if answer.status_code == 503 and "retry-after" not in answer.headers:
        findings.wrong.append(f"{path}: 503 without Retry-After")


def ask_pages(service, browser, findings, may_work):
    """All at once: a hanging database holds each of them for as long as pages wait."""
    threads = [
        threading.Thread(target=ask_page, args=(service, browser, path, findings, may_work)) for path in ("/", "/traces", "/api/v1/costs")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(kind, seconds, ledger, flood_threads=0):
    """The outage with a server and a service of its own."""
    server = kind.make_server()
    outage, service = kind(server), None
    try:
        service = Service(server, QUIPU_LOG_LEVEL="error")
        return endure(service, server, outage, seconds, ledger, flood_threads)
    finally:
        if service:
            service.close()
        server.close()
        outage.close()


def endure(service, server, outage, seconds, ledger, flood_threads=0, traces=120):
    """What the audit found, and a line about it. `flood_threads` push as much as is taken beside the audited senders."""
    findings, process = audit.Findings(), service.process.pid
    log_start = len(service.output())
    browser = service.sign_in()
    sender = Sender([service], ledger)
    _, planned = ledger.plan(traces)
    sender.add(planned[:len(planned) // 2])
    flood = Flood([service], threads=flood_threads) if flood_threads else None
    if flood:
        time.sleep(2)
    sender.wait(60)
    watch = Watch(service)
    outage.begin()
    began = time.monotonic()
    sender.add(planned[len(planned) // 2:])
    told = service.wait_for_readiness(503) if outage.expects_down else ""
    ask_pages(service, browser, findings, may_work=not outage.expects_down or outage.may_be_read)
    time.sleep(max(0.0, max(seconds, getattr(outage, "seconds_min", 0)) - (time.monotonic() - began)))
    outage.end()
    service.wait_for_readiness(200)
    sender.wait(120)
    if flood:
        flood.stop()
    watch.stop()
    sender.close()
    if not service.is_running or service.process.pid != process:
        findings.wrong.append("the service ended")
    if watch.peak > watch.before + MEMORY_MORE_MAX_MIB:
        findings.wrong.append(f"memory rose from {watch.before:.0f} to {watch.peak:.0f} MiB")
    findings.add(audit.check_traces([service], ledger.traces.values()))
    findings.add(audit.check_sums(service, ledger, flood))
    findings.add(audit.check_rollups(service, server))
    findings.wrong += sender.broken + (flood.broken if flood else [])
    log = service.output()[log_start:]
    if "Fatal error" in log or "internal" in log:
        findings.wrong.append("the log: " + log[-300:])
    answers = {**sender.answers, "flood": flood.answers} if flood else dict(sender.answers)
    longest = max(sender.longest_seconds, flood.longest_seconds if flood else 0)
    return findings, f"{answers} longest {longest:.1f} s, MiB {watch.before:.0f} to {watch.peak:.0f} {told}"
