"""A client of an MQTT broker that stays: what sink and source have in common."""

import threading
import time as clock

from mupy_helpers.checks import checked_count, checked_number, checked_path

TIDY_EVERY = 0.1  # seconds
LONGEST_TIMEOUT = 1e6  # seconds: threads can not wait much longer


def checked_timeout(timeout):
    if not 0 <= checked_number(timeout, "timeout") <= LONGEST_TIMEOUT:
        raise ValueError(f"timeout must be from 0 to {LONGEST_TIMEOUT:g} seconds, not {timeout}")
    return float(timeout)


class Connection:
    """A client of a broker that connects again by itself, waiting twice as long after each failure."""

    def __init__(self, topic, host, port, client_id, username, password, tls, certificate, key, longest_wait,
                 clean_session):
        import paho.mqtt.client as mqtt

        if not isinstance(topic, str) or not topic or set("+#\0") & set(topic):
            raise ValueError(f"topic must be a name such as 'stores/7', without + and #, not {topic!r}")
        for name, text in (("topic", topic), ("username", username), ("password", password), ("client_id", client_id)):
            if text is not None and not isinstance(text, str):
                raise TypeError(f"{name} must be text, not {type(text).__name__}")
            if text is not None and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise ValueError(f"{name} has half a letter in it, which can not be sent")
        if not isinstance(host, str) or not host:
            raise ValueError(f"host must be the name or the address of a broker, such as 'localhost', not {host!r}")
        self.topic, self.host, self.port = topic, host, checked_count(port, "port")
        if self.port > 65535:
            raise ValueError(f"port must be from 1 to 65535, not {port}")
        self.refused = None
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean_session)
        if username is not None:
            self._client.username_pw_set(username, password)
        if tls or certificate:
            files = {name: None if given is None else str(checked_path(given, name)) for name, given in (
                ("tls", None if isinstance(tls, bool) else tls), ("certificate", certificate), ("key", key))}
            try:
                self._client.tls_set(ca_certs=files["tls"], certfile=files["certificate"], keyfile=files["key"])
            except OSError as error:  # that of a file, or of what is in it
                named = ", ".join(f"{name} {file}" for name, file in files.items() if file)
                raise ValueError(f"the connection can not be encrypted with {named}: {error.strerror or error}") from error
        self._client.reconnect_delay_set(1, checked_count(longest_wait, "longest_wait", at_most=86400))
        self._client.on_connect = self._connected
        self._client.on_message = self._message

    def _connected(self, client, userdata, flags, reason, properties):
        self.refused = str(reason) if reason.is_failure else None
        if self.refused is None:
            self._greet()

    def _message(self, client, userdata, message):
        raise NotImplementedError

    def _greet(self):
        raise NotImplementedError

    def _tidy(self):
        raise NotImplementedError

    def _start(self):
        self._leaving = threading.Event()
        self._tender = threading.Thread(target=self._tend, daemon=True)
        self._client.connect_async(self.host, self.port)
        self._client.loop_start()
        self._tender.start()

    def _tend(self):
        # What a broker took with it is sent again by itself: nobody may be calling us at that time.
        while not self._leaving.wait(TIDY_EVERY):
            self._tidy()

    @property
    def is_connected(self):
        """Whether the broker is there at this moment."""
        return self._client.is_connected()

    def wait_connected(self, timeout=10.0):
        """Wait for the broker.

        Parameters
        ----------
        timeout : float
            In seconds.

        Raises
        ------
        ConnectionError
            When it is not there by then, or refuses name or password.
        """
        until = clock.monotonic() + checked_timeout(timeout)
        while not self.is_connected:
            if self.refused or clock.monotonic() > until:
                why = f"refused the connection: {self.refused}" if self.refused else f"did not answer in {timeout:g} s"
                raise ConnectionError(f"the broker at {self.host}:{self.port} {why}")
            clock.sleep(0.01)

    def close(self):
        """Leave the broker. What is not confirmed yet is given up: `flush` first."""
        self._leaving.set()
        self._tender.join()
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
