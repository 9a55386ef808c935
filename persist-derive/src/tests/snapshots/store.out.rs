::persist::__private::repositories! {
    pub (crate) Store 'a; pipelines : [PipelineRepository < 'a >], extensions :
    [Extensions < 'a >]
}
