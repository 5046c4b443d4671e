"""What endpoints ask for from the app itself."""

from typing import Annotated, cast

from fastapi import Depends, Request

from server.core.clock import Clock
from server.settings import Settings


def _clock(request: Request) -> Clock:
    return cast("Clock", request.app.state.clock)


def _settings(request: Request) -> Settings:
    return cast("Settings", request.app.state.settings)


ClockDep = Annotated[Clock, Depends(_clock)]
SettingsDep = Annotated[Settings, Depends(_settings)]
