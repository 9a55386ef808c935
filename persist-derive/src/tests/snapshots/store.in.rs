#[derive(Repositories)]
pub(crate) struct Store<'a> {
    pipelines: PipelineRepository<'a>,
    pub(crate) extensions: Extensions<'a>,
}
