"""Who may include whom: the table of the architecture, as data."""
import re

AGGREGATES = ("agent", "call", "extension", "license", "session", "slave")
DIALECTS = ("rest", "native", "sse", "socketio", "mediasoup", "ami", "sip", "link")

# Third-party headers by library; what matches none of these is the language or the system.
LIBRARIES = {
    "boost": r"boost/",
    "caf": r"caf/",
    "msgpack": r"msgpack(\.hpp|/)",
    "rocksdb": r"rocksdb/",
    "spdlog": r"(spdlog|fmt)/",
    "prometheus": r"prometheus/",
    "yaml-cpp": r"yaml-cpp/",
    "cli11": r"CLI/",
    "openssl": r"openssl/",
    "sodium": r"sodium(\.h|/)",
    "cjose": r"cjose/",
    "jansson": r"jansson\.h",
    "curl": r"curl/",
    "srtp": r"srtp2/",
    "sofia-sip": r"sofia-sip/",
    "gtest": r"(gtest|gmock)/",
    "rapidcheck": r"rapidcheck(\.h|/)",
    "benchmark": r"benchmark/",
    "zlib": r"zlib\.h",
}
TEST_LIBRARIES = {"gtest", "rapidcheck", "benchmark", "yaml-cpp"}  # yaml-cpp reads our documents

# Of the language, what a pure folder may not even see.
IMPURE_HEADERS = re.compile(
    r"(atomic|chrono|condition_variable|ctime|fstream|future|iostream|mutex|random|semaphore|"
    r"shared_mutex|stop_token|thread|time\.h|sys/.*|unistd\.h|unordered_map|unordered_set)$"
)

# Looks keys up by their hash; the walks by which anything is decided are in order.
HASHED = ("actors/views/table.hpp",)

# area -> (project areas it may include, libraries anywhere, libraries in .cpp files only)
OUTSIDE = {"core", "protocol", "config", "security", "observe", "gateway"}
TABLE = {
    "core": (set(), set(), set()),
    "aggregate": ({"core"}, set(), set()),
    "reactors": ({"core", "aggregate", "views"}, set(), set()),
    "views": ({"core", "aggregate"}, set(), set()),
    "protocol": ({"core", "aggregate"}, set(), {"boost", "msgpack"}),
    "security": ({"core"}, set(), {"sodium", "cjose", "jansson", "openssl"}),
    "observe": ({"core"}, set(), {"spdlog", "prometheus"}),
    "config": ({"core"}, set(), {"yaml-cpp"}),
    "storage": ({"core", "security"}, {"rocksdb", "msgpack", "boost"}, set()), # its flat maps
    "runtime": (
        {"core", "aggregate", "reactors", "views", "storage", "security", "observe"},
        {"caf", "boost"},  # its flat maps
        set(),
    ),
    "media": (OUTSIDE, {"openssl", "srtp", "boost"}, set()),
    "telephony": (OUTSIDE, {"openssl", "sofia-sip", "boost"}, set()),
    "outbound": (OUTSIDE, {"openssl", "curl", "boost"}, set()),
    "http": (OUTSIDE, {"boost", "openssl"}, set()),
}
FREE = ("cli", "tests", "bench")  # they put the parts together


def area_of(path):
    """The row of TABLE a file belongs to, or None where everything goes."""
    parts = path.split("/")
    if parts[0] == "actors" and len(parts) > 2:
        if parts[1] in AGGREGATES:
            return "aggregate"
        return parts[1] if parts[1] in TABLE else None
    return parts[0] if parts[0] in TABLE else None


def library_of(header):
    for name, pattern in LIBRARIES.items():
        if re.match(pattern, header):
            return name
    return None
