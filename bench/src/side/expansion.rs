use persist::private as p;

#[derive(Debug)]
pub struct Plugin {
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
    configuration: Json<Configuration>,
    capabilities: Vec<String>,
    price_per_run: Option<Decimal>,
    checksum: Option<Vec<u8>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}
#[derive(Debug, Clone, Copy)]
pub enum PluginType { Source, Transform, Sink }
impl p::Scalar for PluginType {
    type Family = p::family::Enum;
    const OIDS: &'static [p::Oid] = &[25];
    #[inline]
    fn decode(_: p::Oid, raw: &[u8]) -> Result<Self, p::BoxError> {
        match raw { b"source" => Ok(Self::Source), b"transform" => Ok(Self::Transform), b"sink" => Ok(Self::Sink), _ => Err(p::unknown_label("plugin_type", raw)) }
    }
    fn encode(&self, _: &p::Type, out: &mut p::BytesMut) -> Result<(), p::BoxError> {
        out.extend_from_slice(match self { Self::Source => b"source".as_slice(), Self::Transform => b"transform", Self::Sink => b"sink" });
        Ok(())
    }
}
pub struct PluginRepository<'a>(p::Repository<'a, Plugin>);
impl<'a> From<p::Session<'a>> for PluginRepository<'a> { fn from(s: p::Session<'a>) -> Self { Self(p::Repository::new(s)) } }
impl<'a> std::ops::Deref for PluginRepository<'a> { type Target = p::Repository<'a, Plugin>; fn deref(&self) -> &Self::Target { &self.0 } }
#[derive(Clone, Copy)]
pub struct PluginColumns { pub name: p::Column<String> }
pub struct NewPlugin { id: Uuid, name: String, version: String, plugin_type: PluginType, configuration: Option<Json<Configuration>>, capabilities: Option<Vec<String>>, price_per_run: Option<Option<Decimal>>, checksum: Option<Option<Vec<u8>>> }
impl NewPlugin {
    pub fn new(name: impl p::Assign<String>, version: impl p::Assign<String>, plugin_type: impl p::Assign<PluginType>) -> Self {
        Self { id: p::ClientKey::generate(), name: name.assign(), version: version.assign(), plugin_type: plugin_type.assign(), configuration: None, capabilities: None, price_per_run: None, checksum: None }
    }
    pub fn configuration(mut self, v: impl p::Assign<Json<Configuration>>) -> Self { self.configuration = Some(v.assign()); self }
    pub fn capabilities(mut self, v: impl p::Assign<Vec<String>>) -> Self { self.capabilities = Some(v.assign()); self }
    pub fn price_per_run(mut self, v: impl p::Assign<Option<Decimal>>) -> Self { self.price_per_run = Some(v.assign()); self }
    pub fn checksum(mut self, v: impl p::Assign<Option<Vec<u8>>>) -> Self { self.checksum = Some(v.assign()); self }
}
impl p::Parameters for NewPlugin {
    fn count(&self) -> usize { 8 }
    fn write(&self, index: usize, ty: &p::Type, out: &mut p::BytesMut) -> Result<p::IsNull, p::BoxError> {
        match index {
            0 => p::Parameter::write(&self.id, ty, out),
            1 => p::Parameter::write(&self.name, ty, out),
            2 => p::Parameter::write(&self.version, ty, out),
            3 => p::Parameter::write(&self.plugin_type, ty, out),
            4 => p::Parameter::write(&self.configuration, ty, out),
            5 => p::Parameter::write(&self.capabilities, ty, out),
            6 => match &self.price_per_run { Some(v) => p::Parameter::write(v, ty, out), None => Ok(p::IsNull::Yes) },
            7 => match &self.checksum { Some(v) => p::Parameter::write(v, ty, out), None => Ok(p::IsNull::Yes) },
            _ => Err(p::no_such_parameter(index)),
        }
    }
}
impl p::New for NewPlugin {
    type Entity = Plugin;
    fn is_given(&self, index: usize) -> bool { match index { 4 => self.configuration.is_some(), 5 => self.capabilities.is_some(), 6 => self.price_per_run.is_some(), 7 => self.checksum.is_some(), _ => true } }
    fn waits_for_parent(&self) -> Option<&'static str> { None }
}
impl p::Shape for Plugin {
    const TABLE: &'static str = "public.plugins";
    fn decode(row: &p::Row<'_>, at: usize) -> Result<Self, p::Error> {
        Ok(Self {
            id: row.get::<p::pg::Uuid, p::NotNull, _>(at)?,
            name: row.get::<p::pg::Text, p::NotNull, _>(at + 1)?,
            version: row.get::<p::pg::Text, p::NotNull, _>(at + 2)?,
            plugin_type: row.get::<p::pg::Enum, p::NotNull, _>(at + 3)?,
            configuration: row.get::<p::pg::Jsonb, p::NotNull, _>(at + 4)?,
            capabilities: row.get::<p::pg::Array<p::pg::Text>, p::NotNull, _>(at + 5)?,
            price_per_run: row.get::<p::pg::Numeric, p::Nullable, _>(at + 6)?,
            checksum: row.get::<p::pg::Bytea, p::Nullable, _>(at + 7)?,
            created_at: row.get::<p::pg::Timestamptz, p::NotNull, _>(at + 8)?,
            updated_at: row.get::<p::pg::Timestamptz, p::NotNull, _>(at + 9)?,
        })
    }
}
impl p::Parameters for Plugin {
    fn count(&self) -> usize { 0 }
    fn write(&self, index: usize, _: &p::Type, _: &mut p::BytesMut) -> Result<p::IsNull, p::BoxError> { Err(p::no_such_parameter(index)) }
}
const fn col(name: &'static str, oid: u32, array_oid: u32, cast: &'static str) -> p::ColumnModel { p::ColumnModel { name, oid, array_oid, cast, array_cast: "" } }
static ID: p::ColumnModel = col("id", 2950, 2951, "");
static NAME: p::ColumnModel = col("name", 25, 1009, "");
static VERSION: p::ColumnModel = col("version", 25, 1009, "");
static PLUGIN_TYPE: p::ColumnModel = col("plugin_type", 25, 1009, "::text::plugin_type");
static CONFIGURATION: p::ColumnModel = col("configuration", 3802, 3807, "");
static CAPABILITIES: p::ColumnModel = col("capabilities", 1009, 0, "");
static PRICE: p::ColumnModel = col("price_per_run", 1700, 1231, "");
static CHECKSUM: p::ColumnModel = col("checksum", 17, 1001, "");
const LIST: &str = "t0.id, t0.name, t0.version, t0.plugin_type::text, t0.configuration, t0.capabilities, t0.price_per_run, t0.checksum, t0.created_at, t0.updated_at";
const OIDS: &[p::Oid] = &[2950, 25, 25, 25, 3802, 1009, 1700, 17, 1184, 1184];
static MODEL: p::Model = p::Model {
    table: "plugins", sql_table: "plugins", select_list: LIST, select_oids: OIDS, key: &[&ID], touched: &[], versioned: false,
    find: p::Statement::fixed("SELECT t0.id, t0.name, t0.version, t0.plugin_type::text, t0.configuration, t0.capabilities, t0.price_per_run, t0.checksum, t0.created_at, t0.updated_at FROM plugins AS t0 WHERE t0.id = $1", &[2950], OIDS),
    find_many: p::Statement::fixed("", &[2951], OIDS),
    update: None,
    delete: p::Statement::fixed("DELETE FROM plugins AS t0 WHERE t0.id = $1", &[2950], &[]),
    insert: p::InsertModel { sql_table: "plugins", columns: &[&ID, &NAME, &VERSION, &PLUGIN_TYPE, &CONFIGURATION, &CAPABILITIES, &PRICE, &CHECKSUM], computed: &[], select_list: LIST, select_oids: OIDS, conflict: None, made: p::Made::new() },
    upsert: p::InsertModel { sql_table: "plugins", columns: &[&ID, &NAME, &VERSION, &PLUGIN_TYPE, &CONFIGURATION, &CAPABILITIES, &PRICE, &CHECKSUM], computed: &[], select_list: LIST, select_oids: OIDS, conflict: None, made: p::Made::new() },
};
impl p::Entity for Plugin {
    type Repository<'a> = PluginRepository<'a>;
    type Columns = PluginColumns;
    type Key = Uuid;
    type New = NewPlugin;
    fn columns(scope: p::Scope) -> PluginColumns { PluginColumns { name: p::Column::new(scope, &NAME) } }
    fn model() -> &'static p::Model { &MODEL }
}
