{{! SPDX-License-Identifier: MIT }}
{{! Lines of a user query. }}
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields" labelsEnabled="0">
{{> single_symbol.xml}}
<symbols>
<symbol name="0" type="line" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleLine" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="line_color" value="{{rgb}},255" type="QString"/>
      <Option name="line_style" value="solid" type="QString"/>
      <Option name="line_width" value="0.5" type="QString"/>
      <Option name="line_width_unit" value="MM" type="QString"/>
      <Option name="capstyle" value="round" type="QString"/>
      <Option name="joinstyle" value="round" type="QString"/>
    </Option>
  </layer>
  </symbol>
</symbols>
</renderer-v2>
{{> fields.xml}}
<layerGeometryType>1</layerGeometryType>
</qgis>
