"""The transactions of `persist-bench units` in SQLAlchemy, with asyncpg.

Each line of the input asks for one thing, each line of the output answers it:

    prepare <unit> <repetitions>  ->  ready
    work                          ->  <microseconds of the clock> <microseconds of the processor>, both of one repetition
    discard                       ->  discarded
"""

import asyncio
import enum
import sys
import time
import uuid
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Optional
from urllib.parse import unquote, urlsplit

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Numeric, Text, func, select
from sqlalchemy.dialects.postgresql import CHAR, JSONB, insert
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text}


class Timestamps:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Pipeline(Timestamps, Base):
    __tablename__ = "pipelines"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str]
    description: Mapped[Optional[str]]
    environment_variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[Optional[uuid.UUID]]
    category_id: Mapped[Optional[uuid.UUID]]
    steps: Mapped[list["Step"]] = relationship()
    executions: Mapped[list["Execution"]] = relationship()

    # What the server makes of a new row is not asked for where nobody reads it.
    __mapper_args__ = {"version_id_col": version, "eager_defaults": False}


class Step(Timestamps, Base):
    __tablename__ = "pipeline_steps"
    __mapper_args__ = {"eager_defaults": False}

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pipeline_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pipelines.id"))
    position: Mapped[int] = mapped_column(server_default="1")
    name: Mapped[str]
    enabled: Mapped[bool] = mapped_column(server_default="true")
    depends_on: Mapped[Optional[uuid.UUID]]
    plugin_id: Mapped[Optional[uuid.UUID]]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class Status(enum.Enum):
    pending = "pending"
    running = "running"
    succeeded = "succeeded"
    failed = "failed"
    cancelled = "cancelled"


class Execution(Timestamps, Base):
    __tablename__ = "pipeline_executions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pipeline_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pipelines.id"))
    execution_number: Mapped[int]
    status: Mapped[Status] = mapped_column(Enum(Status, name="execution_status"), server_default="pending")
    input: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    output: Mapped[Optional[dict[str, Any]]] = mapped_column(JSONB(none_as_null=True))
    error_message: Mapped[Optional[str]]
    cost: Mapped[Decimal] = mapped_column(Numeric(12, 4), server_default="0")
    started_at: Mapped[Optional[datetime]]
    finished_at: Mapped[Optional[datetime]]
    version: Mapped[int] = mapped_column(BigInteger)

    __mapper_args__ = {"version_id_col": version, "eager_defaults": False}


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str]
    color: Mapped[str] = mapped_column(CHAR(7), server_default="#808080")


FINISHED_AT = datetime(2026, 1, 1, 1, tzinfo=timezone.utc)
VARIABLES = {"REGION": "eu-central", "STAGE": "production"}


def key(kind: int, number: int) -> uuid.UUID:
    return uuid.UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


class FourteenRows:
    def __init__(self, engine, number: int):
        self.session = AsyncSession(engine, expire_on_commit=False)
        self.number = number

    async def prepare(self):
        self.execution = await self.session.get_one(Execution, key(4, self.number))
        self.tag = await self.session.get_one(Tag, key(5, self.number))
        await self.session.commit()
        self.names = [f"step {position}" for position in range(1, 11)]

    async def work(self):
        session = self.session
        steps = [
            Step(position=position, name=name, settings={"retries": 3})
            for position, name in enumerate(self.names, start=1)
        ]
        pipeline = Pipeline(
            name=f"unit {self.number}",
            description="Fetches what was sold yesterday",
            environment_variables=dict(VARIABLES),
            steps=steps,
            executions=[Execution(execution_number=1, input={"day": "2026-01-01"})],
        )
        session.add(pipeline)
        self.execution.status = Status.succeeded
        self.execution.output = {"rows": 12000}
        self.execution.cost = Decimal("1.2500")
        self.execution.finished_at = FINISHED_AT
        await session.delete(self.tag)
        await session.commit()

    async def close(self):
        await self.session.close()


class Updates:
    def __init__(self, engine, number: int):
        self.session = AsyncSession(engine, expire_on_commit=False)

    async def prepare(self):
        pipelines = select(Pipeline).where(Pipeline.name.like("updated %")).order_by(Pipeline.id)
        self.pipelines = (await self.session.scalars(pipelines)).all()

    async def work(self):
        for pipeline in self.pipelines:
            pipeline.description = f"Described anew: {pipeline.name}"
        await self.session.commit()

    async def close(self):
        await self.session.close()


class Upserts:
    def __init__(self, engine, number: int):
        self.session = AsyncSession(engine, expire_on_commit=False)

    async def prepare(self):
        self.rows = [
            {
                "id": key(2, number),
                "name": f"upserted {number}",
                "description": f"Fetches what was sold yesterday, number {number}",
                "environment_variables": dict(VARIABLES),
                "version": 1,
            }
            for number in range(1, 1001)
        ]

    async def work(self):
        new = insert(Pipeline)
        names = ("name", "description", "environment_variables")
        upsert = new.on_conflict_do_update(
            index_elements=[Pipeline.id],
            set_={name: new.excluded[name] for name in names}
            | {"version": Pipeline.version + 1, "updated_at": func.now()},
        )
        await self.session.execute(upsert, self.rows)
        await self.session.commit()

    async def close(self):
        await self.session.close()


UNITS = {"fourteen-rows": FourteenRows, "updates": Updates, "upserts": Upserts}


async def work(ready) -> str:
    wall, cpu = time.perf_counter(), time.process_time()
    for unit in ready:
        await unit.work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return f"{wall * 1e6 / len(ready)} {cpu * 1e6 / len(ready)}"


def engine_url(url: str) -> URL:
    parts = urlsplit(url)
    host, port = unquote(parts.hostname or ""), parts.port
    # The folder of a Unix socket, which is no host name, travels beside them.
    folder = {"host": host} if host.startswith("/") else {}
    if folder and port:
        folder["port"] = str(port)
    return URL.create(
        "postgresql+asyncpg",
        username=parts.username,
        password=parts.password,
        host=None if folder else host,
        port=None if folder else port,
        database=parts.path.lstrip("/"),
        query=folder,
    )


async def main(url: str):
    engine = create_async_engine(engine_url(url), pool_size=4)
    ready = []
    # Nothing else waits on this thread, so reading may block it.
    for line in sys.stdin:
        match line.split():
            case ["prepare", name, repetitions]:
                for number in range(1, int(repetitions) + 1):
                    ready.append(UNITS[name](engine, number))
                    await ready[-1].prepare()
                answer = "ready"
            case ["work"]:
                answer = await work(ready)
            case ["discard"]:
                answer = "discarded"
            case _:
                raise ValueError(line)
        if answer != "ready":
            for unit in ready:
                await unit.close()
            ready.clear()
        print(answer, flush=True)
    await engine.dispose()


asyncio.run(main(sys.argv[1]))
