"""A TLS server that passes every connection on to a plain server on the loopback interface until it is taken down."""

import contextlib
import socket
import ssl
import threading

from authority import Authority


class Forwarder:
    def __init__(self, authority: Authority, target: tuple[str, int]) -> None:
        self._target = target
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.server_certificate, authority.server_key)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._available = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def take_down(self) -> None:
        """Closes all connections. From now on, each new connection is closed as soon as it is accepted."""
        with self._lock:
            self._available = False
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def bring_back(self) -> None:
        with self._lock:
            self._available = True

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._forward, args=[connection], daemon=True).start()

    def _forward(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            with self._lock:
                if not self._available:
                    return
            with self._context.wrap_socket(connection, server_side=True) as client:
                with self._lock:
                    self._connections.add(client)
                try:
                    with socket.create_connection(self._target) as server:
                        answers = threading.Thread(target=copy, args=[server, client], daemon=True)
                        answers.start()
                        copy(client, server)
                        answers.join()
                finally:
                    with self._lock:
                        self._connections.discard(client)


def copy(source: socket.socket, sink: socket.socket) -> None:
    """Copies until the source ends and then ends the sink."""
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
