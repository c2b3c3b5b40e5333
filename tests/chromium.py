"""chromium.py - a browser for tests, driven through a pipe.

    with Chromium(folder) as browser:      # raises Absent where there is none
        page = browser.open(path)
        page.press("g")
        page.run("document.title")

It speaks the DevTools protocol over two file descriptors, so that it needs
nothing but Python and Chromium, and listens on no port.
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")
CODES = {"ArrowLeft": 37, "ArrowRight": 39, "Enter": 13}


class Absent(Exception):
    """There is no browser, or none that can show a file of ours."""


class Chromium:
    def __init__(self, folder):
        wanted = os.environ.get("ANSWERMILL_TEST_CHROMIUM")
        names = ([wanted] if wanted else []) + list(NAMES)
        program = next(filter(None, map(shutil.which, names)), None)
        if not program:
            raise Absent("no Chromium here")
        self.folder = pathlib.Path(folder)
        self.events, self.next_id = [], 0
        from_us, to_us = os.pipe(), os.pipe()
        command = [
            "sh", "-c", 'exec "$@" 3<&%d 4>&%d' % (from_us[0], to_us[1]), "sh",
            program, "--headless=new", "--remote-debugging-pipe",
            "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-dev-shm-usage", "--hide-scrollbars",
            "--user-data-dir=%s" % (self.folder / "profile"), "about:blank"]
        if os.getuid() == 0:
            command.insert(-1, "--no-sandbox")
        self.process = subprocess.Popen(
            command, pass_fds=(from_us[0], to_us[1]),
            env={**os.environ, "HOME": str(self.folder)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(from_us[0])
        os.close(to_us[1])
        self.to_browser = os.fdopen(from_us[1], "wb")
        self.from_browser = os.fdopen(to_us[0], "rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def receive(self):
        message = bytearray()
        while (byte := self.from_browser.read(1)) != b"\0":
            if not byte:
                raise Absent("the browser ended: status %s" % self.process.wait())
            message += byte
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.next_id += 1
        message = {"id": self.next_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        try:
            self.to_browser.write(json.dumps(message).encode() + b"\0")
            self.to_browser.flush()
        except BrokenPipeError:
            raise Absent("the browser ended") from None
        while True:
            answer = self.receive()
            if answer.get("id") == self.next_id:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        """The next event of that name, which may have come already."""
        while True:
            for at, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(at)
            self.events.append(self.receive())

    def open(self, path):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target,
                            flatten=True)["sessionId"]
        page = Page(self, session)
        page.call("Page.enable")
        page.load(path)
        return page


class Page:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def load(self, path):
        self.browser.events.clear()
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        self.browser.wait_for("Page.loadEventFired")

    def run(self, script):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=script,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError("%s: %s" % (script, result["exceptionDetails"]))
        return result["result"].get("value")

    def press(self, *keys):
        for key in keys:
            about = {"key": key, "code": key}
            about["windowsVirtualKeyCode"] = CODES.get(key) or ord(key.upper())
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else None)
            down = {"text": text} if text else {}
            self.call("Input.dispatchKeyEvent", type="keyDown", **about, **down)
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def look(self, theme, width, height):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": theme}])
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
