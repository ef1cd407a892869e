"""PostgreSQL through the C library that the service uses anyway, so that the benchmark needs no package: text results, COPY in."""
import ctypes
import ctypes.util

_pq = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
for _name, _result, _arguments in (
        ("PQconnectdb", ctypes.c_void_p, [ctypes.c_char_p]), ("PQstatus", ctypes.c_int, [ctypes.c_void_p]),
        ("PQfinish", None, [ctypes.c_void_p]), ("PQerrorMessage", ctypes.c_char_p, [ctypes.c_void_p]),
        ("PQexec", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]), ("PQresultStatus", ctypes.c_int, [ctypes.c_void_p]),
        ("PQntuples", ctypes.c_int, [ctypes.c_void_p]), ("PQnfields", ctypes.c_int, [ctypes.c_void_p]),
        ("PQgetisnull", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
        ("PQgetvalue", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]), ("PQclear", None, [ctypes.c_void_p]),
        ("PQputCopyData", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]),
        ("PQputCopyEnd", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]), ("PQgetResult", ctypes.c_void_p, [ctypes.c_void_p])):
    _function = getattr(_pq, _name)
    _function.restype, _function.argtypes = _result, _arguments

COMMAND_OK, TUPLES_OK, COPY_IN = 1, 2, 4


class DatabaseError(Exception):
    pass


class Connection:
    def __init__(self, address):
        self.handle = _pq.PQconnectdb(address.encode())
        if _pq.PQstatus(self.handle) != 0:
            raise DatabaseError(self.error)

    @property
    def error(self):
        return _pq.PQerrorMessage(self.handle).decode(errors="replace").strip()

    def close(self):
        _pq.PQfinish(self.handle)

    def run(self, sql):
        """Rows as lists of texts; the last result of several statements, which are one transaction."""
        result = _pq.PQexec(self.handle, sql.encode())
        try:
            if _pq.PQresultStatus(result) not in (COMMAND_OK, TUPLES_OK, COPY_IN):
                raise DatabaseError(self.error + "\n" + sql[:400])
            columns = range(_pq.PQnfields(result))
            return [
                [None if _pq.PQgetisnull(result, r, c) else _pq.PQgetvalue(result, r, c).decode() for c in columns]
                for r in range(_pq.PQntuples(result))]
        finally:
            _pq.PQclear(result)

    def value(self, sql):
        return self.run(sql)[0][0]

    def copy(self, statement, data):
        """One COPY … FROM STDIN, which outside of a transaction is one commit."""
        self.run(statement)
        if _pq.PQputCopyData(self.handle, data, len(data)) != 1 or _pq.PQputCopyEnd(self.handle, None) != 1:
            raise DatabaseError(self.error)
        while result := _pq.PQgetResult(self.handle):
            status = _pq.PQresultStatus(result)
            _pq.PQclear(result)
            if status != COMMAND_OK:
                raise DatabaseError(self.error)
