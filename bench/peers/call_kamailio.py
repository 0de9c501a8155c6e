"""Call set-up as Kamailio does it: a stateful proxy and registrar in memory, record-routing every
call between two sipp over UDP. Nothing is written down. 500 callees are registered; so many calls
are under way all the time: INVITE, 180, 200, ACK, BYE, 200. One worker, because several reorder
what a caller is told; it and the callers' and callees' sipp are one thread each. A call counts
when its BYE was answered.
  call_kamailio.py --folder FOLDER [--under-way 256] [--seconds 2] [--warm 1] [--json]"""
import argparse
import contextlib
import csv
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

CALLEES = [str(1_000_500 + i) for i in range(500)]
BUFFER_BYTES = 4_194_304  # UDP has nothing else to hold a burst

PROXY = """#!KAMAILIO
debug=0
log_stderror=yes
children=1
listen=udp:127.0.0.1:{port}
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
maxbuffer={buffer}
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "siputils.so"
modparam("usrloc", "db_mode", 0)
request_route {{
  if (has_totag()) {{
    if (!loose_route() && method=="ACK" && !t_check_trans()) exit;
    t_relay();
    exit;
  }}
  if (method=="REGISTER") {{ save("location"); exit; }}
  record_route();
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_relay();
}}
"""
SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 9 RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
NOTHING = "Content-Length: 0\n"


def send(words, retransmits=True, attributes=""):
    again = ' retrans="500"' if retransmits else ""
    return f"<send{again}{attributes}><![CDATA[\n\n{words}\n]]></send>\n"


def request(method, target, number, more=""):
    """Within a call: along the route that the proxy recorded."""
    inside = method != "INVITE"
    return (f"{method} {target} SIP/2.0\n"
            "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
            + ("[routes]\n" if inside else "")
            + "From: <sip:caller@[local_ip]:[local_port]>;tag=c[call_number]\n"
            + ("[last_To:]\n" if inside else "To: <sip:[field0]@[remote_ip]:[remote_port]>\n")
            + f"Call-ID: [call_id]\nCSeq: {number} {method}\nMax-Forwards: 70\n"
            + ("" if inside else "Contact: <sip:caller@[local_ip]:[local_port]>\n")
            + (more or NOTHING))


def response(status, tag="", more=""):
    return (f"SIP/2.0 {status}\n[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:]{tag}\n"
            "[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:callee@[local_ip]:[local_port]>\n"
            + (more or NOTHING))


def scenario(name, steps):
    return f'<?xml version="1.0"?>\n<scenario name="{name}">\n{"".join(steps)}</scenario>\n'


CALLER = scenario("caller", [
    send(request("INVITE", "sip:[field0]@[remote_ip]:[remote_port]", 1, SDP)),
    '<recv response="100" optional="true"/>\n<recv response="180"/>\n'
    '<recv response="200" rrs="true"/>\n',
    send(request("ACK", "[next_url]", 1), retransmits=False),
    send(request("BYE", "[next_url]", 2)),
    '<recv response="200"/>\n'])
CALLEE = scenario("callee", [
    '<recv request="INVITE"/>\n',
    send(response("180 Ringing", ";tag=s[call_number]"), retransmits=False),
    send(response("200 OK", ";tag=s[call_number]", SDP)),
    '<recv request="ACK"/>\n<recv request="BYE"/>\n',
    send(response("200 OK"), retransmits=False)])


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def program(name):
    if shutil.which(name) is None:
        sys.exit(f"{name} is not installed")
    return name


@contextlib.contextmanager
def running(command, folder, log):
    """Ended by its pid, and by the kernel should this one be killed."""
    command = ["setpriv", "--pdeathsig", "TERM", *command]
    with open(os.path.join(folder, log), "wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def register(proxy, callees_port):
    """Every callee lives at the same sipp. Asks again until the proxy is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.connect(("127.0.0.1", proxy))
        one.settimeout(0.2)
        here = "127.0.0.1:%d" % one.getsockname()[1]
        for number in CALLEES:
            text = (f"REGISTER sip:127.0.0.1:{proxy} SIP/2.0\n"
                    f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{number}\nMax-Forwards: 70\n"
                    f"From: <sip:{number}@127.0.0.1>;tag=r\nTo: <sip:{number}@127.0.0.1>\n"
                    f"Call-ID: {number}\nCSeq: 1 REGISTER\n"
                    f"Contact: <sip:{number}@127.0.0.1:{callees_port}>\nExpires: 3600\n"
                    "Content-Length: 0\n\n").replace("\n", "\r\n")
            until = time.monotonic() + 10
            while True:
                try:
                    one.send(text.encode())
                    if one.recv(4096).startswith(b"SIP/2.0 200"):
                        break
                except OSError:  # not there yet, or lost
                    time.sleep(0.02)
                if time.monotonic() > until:
                    sys.exit("Kamailio registers nobody")


def cpu_seconds(pid):
    """Of a process and its children."""
    found = 0.0
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                words = re.sub(r"^.*\) ", "", file.read()).split()
        except OSError:
            continue
        if pid in (int(path.split("/")[2]), int(words[1])):
            found += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return found


def successes(rows, at):
    """Calls that were over at that moment (seconds since the epoch), between two rows of sipp's."""
    points = [(float(row["CurrentTime"].split()[-1]), int(row["SuccessfulCall(C)"]))
              for row in rows]
    for (t0, n0), (t1, n1) in zip(points, points[1:]):
        if t0 <= at <= t1:
            return n0 + (n1 - n0) * (at - t0) / (t1 - t0)
    sys.exit("sipp ended early")


def measure(how):
    kamailio, sipp = program("kamailio"), program("sipp")
    modules = glob.glob("/usr/lib/*/kamailio/modules")
    if not modules:
        sys.exit("Kamailio's modules are not installed")
    proxy, callers_port, callees_port = free_port(), free_port(), free_port()
    files = {"proxy.cfg": PROXY.format(port=proxy, buffer=BUFFER_BYTES, modules=modules[0]),
             "caller.xml": CALLER, "callee.xml": CALLEE,
             "callees.csv": "SEQUENTIAL\n" + "".join(number + ";\n" for number in CALLEES)}
    for name, text in files.items():
        with open(os.path.join(how.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    common = ["-i", "127.0.0.1", "-buff_size", str(BUFFER_BYTES), "-nostdin"]
    callers = [sipp, "-sf", "caller.xml", "-p", str(callers_port), f"127.0.0.1:{proxy}", "-inf",
               "callees.csv", "-users", str(how.under_way), "-timeout",
               f"{how.warm + how.seconds + 1:.0f}s", "-recv_timeout", "5000", "-trace_stat", "-stf",
               "stat.csv", "-fd", "1", *common]
    with contextlib.ExitStack() as stack:
        start = lambda *words: stack.enter_context(running(words[0], how.folder, words[1]))
        server = start([kamailio, "-f", "proxy.cfg", "-DD", "-E", "-m", "1024", "-M", "16", "-Y",
                        how.folder], "proxy.log")
        callees = start([sipp, "-sf", "callee.xml", "-p", str(callees_port), *common], "callee.log")
        register(proxy, callees_port)
        began = time.time()
        driver = start(callers, "caller.log")
        used = lambda: (cpu_seconds(server.pid), cpu_seconds(callees.pid) + cpu_seconds(driver.pid))
        time.sleep(how.warm)
        since, before = time.time(), used()
        time.sleep(how.seconds)
        until, after = time.time(), used()
        with contextlib.suppress(subprocess.TimeoutExpired):
            driver.wait(15)
    with open(os.path.join(how.folder, "stat.csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    if not rows or since < began:
        sys.exit("sipp said nothing")
    took, last = until - since, rows[-1]
    return {"per_second": (successes(rows, until) - successes(rows, since)) / took,
            "failed": int(last["FailedCall(C)"]) + int(last["CurrentCall"]),
            "sent_again": int(last["Retransmissions(C)"]),
            "server_cpu": (after[0] - before[0]) / took,
            "client_cpu": (after[1] - before[1]) / took}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--under-way", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--warm", type=float, default=1)
    parser.add_argument("--json", action="store_true")
    how = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    figures = measure(how)
    print(json.dumps(figures) if how.json else
          ", ".join(f"{name} {value:.5g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
